//! The template of the page, and the script that starts the client.
//!
//! The names of the files are known only after compiling, so `web/index.html` has placeholders for their addresses. The
//! template is checked here, because a page with a wrong address is blank and shows no reason.
//!
//! A filled page contains no placeholder, and names at least the stylesheet, the loader and the module.

use anyhow::bail;

/// The page: a template in the folder of the web client, and the only file of the result that browsers do not cache.
pub(crate) const INDEX: &str = "index.html";

/// The service worker: a template beside it. Its name stays, because a browser looks for a newer one at the same address.
pub(crate) const WORKER: &str = "service-worker.js";

/// Placeholders that a template must contain. `wasm` is for preloading: without it the module would load late.
const REQUIRED: [&str; 3] = ["css", "js", "wasm"];

/// Replaces each `{{name}}` by its address.
///
/// # Errors
/// When a required placeholder is missing, one is unknown or not closed, or a `/` precedes one.
pub(crate) fn fill(template: &str, addresses: &[(&str, String)]) -> anyhow::Result<String> {
    for name in REQUIRED {
        if !template.contains(&format!("{{{{{name}}}}}")) {
            bail!("the placeholder {{{{{name}}}}} is missing");
        }
    }
    let mut page = String::with_capacity(template.len() + 256);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { bail!("a placeholder is not closed by }}}}") };
        let Some((_, address)) = addresses.iter().find(|(known, _)| *known == name.trim()) else {
            bail!("the placeholder {{{{{name}}}}} is not known; there are css, js, glue and wasm");
        };
        if before.ends_with('/') {
            bail!("write {{{{{name}}}}} without a slash in front: it stands for a whole address");
        }
        page.push_str(before);
        page.push_str(address);
        rest = after;
    }
    page.push_str(rest);
    Ok(page)
}

/// Fills the template of the service worker: the files that it keeps, and the name of their version.
pub(crate) fn worker(template: &str, shell: &[String], version: &str) -> String {
    let list: Vec<String> = shell.iter().map(|address| format!("{address:?}")).collect();
    template.replace("{{shell}}", &format!("[{}]", list.join(", "))).replace("{{version}}", version)
}

/// The script that loads the module. It is a file because the content security policy allows no inline script. It shows a
/// failure in the page, which would otherwise stay blank.
pub(crate) fn loader(glue: &str, wasm: &str) -> String {
    format!(
        r#"import * as glue from "{glue}";

const imports = {{ "./tandem_bg.js": glue, ...glue.modules }};
WebAssembly.instantiateStreaming(fetch("{wasm}"), imports).then(({{ instance }}) => {{
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}}).catch((error) => {{
  console.error(error);
  document.body.textContent = "Tandem could not start in this browser. Reload the page to try again.";
}});
// Missing on pages that are served over plain HTTP from another host, and in some private windows.
// A worker of a newer version waits for a load that comes after its own: until then, open pages keep the one that they began with.
navigator.serviceWorker?.register("/{WORKER}").then((known) => known.waiting?.postMessage("begin"), console.warn);
// A notification was pressed: its page is shown without loading this one again.
navigator.serviceWorker?.addEventListener("message", ({{ data }}) => {{
  history.pushState(null, "", data.path);
  dispatchEvent(new PopStateEvent("popstate"));
}});
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str =
        r#"<link rel="stylesheet" href="{{css}}"><script src="{{js}}"></script><link href="{{ wasm }}{{wasm}}">"#;

    fn filled(template: &str) -> anyhow::Result<String> {
        fill(template, &["css", "js", "glue", "wasm"].map(|name| (name, format!("/{name}-0"))))
    }

    #[test]
    fn placeholders_become_addresses() {
        let page = filled(TEMPLATE).unwrap();
        assert_eq!(
            page,
            r#"<link rel="stylesheet" href="/css-0"><script src="/js-0"></script><link href="/wasm-0/wasm-0">"#
        );
    }

    #[test]
    fn mistakes_in_the_template_are_named() {
        let message = |template: &str| filled(template).unwrap_err().to_string();
        assert!(message("{{css}} {{js}}").contains("{{wasm}} is missing"));
        assert!(message("{{css}} {{js}} {{wasm}} {{font}}").contains("{{font}} is not known"));
        assert!(message("{{css}} {{js}} {{wasm}} {{").contains("not closed"));
        assert!(message("/{{css}} {{js}} {{wasm}}").contains("without a slash"));
    }

    #[test]
    fn the_worker_keeps_the_files_of_its_version() {
        let script = worker("a({{shell}}, \"{{version}}\");", &["/a-1.js".to_owned(), "/b-2.css".to_owned()], "12");
        assert_eq!(script, "a([\"/a-1.js\", \"/b-2.css\"], \"12\");");
    }

    #[test]
    fn the_loader_loads_the_module_with_the_glue() {
        let script = loader("/tandem-1.js", "/tandem-2.wasm");
        assert!(script.starts_with("import * as glue from \"/tandem-1.js\";"), "{script}");
        assert!(script.contains("fetch(\"/tandem-2.wasm\")"), "{script}");
    }
}
