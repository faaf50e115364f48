//! Panics end the client without a message.
//!
//! The page shows none. What a message needs (its words, the values in it, the code that writes them, a place in the sources)
//! is at each of a thousand calls, and was a ninetieth of the module. Here such a call becomes an instruction that ends the
//! program: a browser reports `unreachable`, with the functions that led to it. Whoever looks for a panic builds the client with
//! `TANDEM_PANICS=1`, which leaves all of them.
//!
//! **Invariant:** a program that does not panic does the same.

use std::collections::HashSet;

use anyhow::ensure;
use walrus::ir::{self, Instr, InstrLocId, InstrSeq, InstrSeqId, Visitor, dfs_in_order};
use walrus::{FunctionId, LocalFunction, Module, passes::gc};

/// The functions of the standard library by which all panics go.
const PANICS: [&str; 2] = ["::panicking::panic_fmt", "::panicking::panic_nounwind_fmt"];

/// Replaces the calls of functions that panic, and removes what was only there for them.
///
/// # Errors
/// When no function is one of the standard library that panic: their names have changed.
pub(crate) fn remove(module: &mut Module) -> anyhow::Result<()> {
    let is_panic = |name: &str| PANICS.iter().any(|panic| name.contains(panic));
    let named = module.funcs.iter().filter(|function| function.name.as_deref().is_some_and(is_panic));
    let mut panics: HashSet<FunctionId> = named.map(walrus::Function::id).collect();
    ensure!(!panics.is_empty(), "no function of the module panics ({})", PANICS.join(", "));
    loop {
        let functions = module.funcs.iter_local().filter(|(id, _)| !panics.contains(id));
        let more: Vec<FunctionId> =
            functions.filter(|(_, function)| always_panics(function, &panics)).map(|(id, _)| id).collect();
        if more.is_empty() {
            break;
        }
        panics.extend(more);
    }
    for (id, function) in module.funcs.iter_local_mut() {
        if panics.contains(&id) {
            let body = function.block_mut(function.entry_block());
            body.instrs = vec![(ir::Unreachable {}.into(), InstrLocId::default())];
        } else {
            end_at_panics(function, &panics);
        }
    }
    gc::run(module);
    Ok(())
}

/// Whether the only way out of a function is a panic at its end.
fn always_panics(function: &LocalFunction, panics: &HashSet<FunctionId>) -> bool {
    let entry = function.entry_block();
    let ends_so = match function.block(entry).instrs.as_slice() {
        [.., (Instr::Call(call), _), (Instr::Unreachable(_), _)] => panics.contains(&call.func),
        _ => false,
    };
    let mut exits = Exits { entry, found: false };
    if ends_so {
        dfs_in_order(&mut exits, function, entry);
    }
    ends_so && !exits.found
}

/// Looks for instructions that leave a function.
struct Exits {
    entry: InstrSeqId,
    found: bool,
}

impl Visitor<'_> for Exits {
    fn visit_return(&mut self, _: &ir::Return) {
        self.found = true;
    }

    fn visit_return_call(&mut self, _: &ir::ReturnCall) {
        self.found = true;
    }

    fn visit_return_call_indirect(&mut self, _: &ir::ReturnCallIndirect) {
        self.found = true;
    }

    // The library does not count the targets of these among the sequences that are visited.
    fn visit_br(&mut self, br: &ir::Br) {
        self.found |= br.block == self.entry;
    }

    fn visit_br_if(&mut self, br: &ir::BrIf) {
        self.found |= br.block == self.entry;
    }

    fn visit_br_table(&mut self, br: &ir::BrTable) {
        self.found |= br.default == self.entry || br.blocks.contains(&self.entry);
    }

    fn visit_instr_seq_id(&mut self, target: &InstrSeqId) {
        self.found |= *target == self.entry;
    }
}

/// Ends each sequence of instructions before the arguments of its first call that panics.
fn end_at_panics(function: &mut LocalFunction, panics: &HashSet<FunctionId>) {
    let mut sequences = Sequences::default();
    dfs_in_order(&mut sequences, function, function.entry_block());
    for id in sequences.0 {
        let instrs = &mut function.block_mut(id).instrs;
        let is_end = |instr: &Instr| match instr {
            Instr::Call(call) => panics.contains(&call.func),
            instr => matches!(instr, Instr::Unreachable(_)),
        };
        let Some(end) = instrs.iter().position(|(instr, _)| is_end(instr)) else { continue };
        let kept = instrs[..end].iter().rposition(|(instr, _)| !is_unseen(instr)).map_or(0, |last| last + 1);
        let place = instrs[end].1;
        instrs.truncate(kept);
        // It takes whatever values are left.
        instrs.push((ir::Unreachable {}.into(), place));
    }
}

#[derive(Default)]
struct Sequences(Vec<InstrSeqId>);

impl<'a> Visitor<'a> for Sequences {
    fn start_instr_seq(&mut self, sequence: &'a InstrSeq) {
        self.0.push(sequence.id());
    }
}

/// Whether nothing of an instruction is seen after the end of the program.
fn is_unseen(instr: &Instr) -> bool {
    matches!(
        instr,
        Instr::Const(_)
            | Instr::LocalGet(_)
            | Instr::LocalSet(_)
            | Instr::LocalTee(_)
            | Instr::GlobalGet(_)
            | Instr::GlobalSet(_)
            | Instr::Load(_)
            | Instr::Store(_)
            | Instr::Binop(_)
            | Instr::Unop(_)
            | Instr::Select(_)
            | Instr::Drop(_)
    )
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        BlockType, CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection,
        InstructionSink, MemArg, MemorySection, MemoryType, NameMap, NameSection, TypeSection, ValType,
    };
    use wasmparser::Operator::{self, BrIf, Call, Else, End, I32Const, If, LocalGet, Unreachable};
    use wasmparser::{Parser, Payload};

    use super::*;

    /// Writes the body of a function.
    type Body = fn(&mut InstructionSink);

    const LOG: u32 = 0;
    const PANIC: u32 = 1;
    const FAIL: u32 = 2;

    /// An imported `log`, a function that logs and ends, as panics do, one that calls it, and two exported ones that may fail.
    fn module(name: &str) -> Module {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        types.ty().function([ValType::I32], [ValType::I32]);
        let mut imports = ImportSection::new();
        imports.import("browser", "log", EntityType::Function(0));
        let mut memories = MemorySection::new();
        memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
        let bodies: [(u32, Body); 4] = [
            (0, |body| {
                body.call(LOG).unreachable();
            }),
            (0, |body| {
                body.call(PANIC).unreachable();
            }),
            (1, |body| {
                body.local_get(0).if_(BlockType::Empty);
                body.call(LOG).i32_const(8).i32_const(1).i32_store(MemArg { offset: 0, align: 2, memory_index: 0 });
                body.call(FAIL).unreachable().end().i32_const(7);
            }),
            (1, |body| {
                body.local_get(0).local_get(0).br_if(0).drop().call(FAIL).unreachable();
            }),
        ];
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for (ty, write) in bodies {
            functions.function(ty);
            let mut body = Function::new([]);
            write(&mut body.instructions());
            body.instructions().end();
            code.function(&body);
        }
        let mut exports = ExportSection::new();
        exports.export("either", ExportKind::Func, 3);
        exports.export("returns", ExportKind::Func, 4);
        let (mut names, mut of_functions) = (NameSection::new(), NameMap::new());
        of_functions.append(PANIC, name);
        names.functions(&of_functions);
        let mut module = wasm_encoder::Module::new();
        module.section(&types).section(&imports).section(&functions).section(&memories).section(&exports);
        module.section(&code).section(&names);
        Module::from_buffer(&module.finish()).unwrap()
    }

    #[test]
    fn calls_that_panic_end_the_program_and_nothing_is_left_of_what_they_called() {
        let mut module = module("core[0]::panicking::panic_fmt");
        remove(&mut module).unwrap();
        let module = module.emit_wasm();
        let mut bodies = Vec::new();
        for payload in Parser::new(0).parse_all(&module) {
            if let Payload::CodeSectionEntry(body) = payload.unwrap() {
                let operators = body.get_operators_reader().unwrap().into_iter();
                bodies.push(operators.map(Result::unwrap).collect::<Vec<_>>());
            }
        }
        assert_eq!(bodies.len(), 2, "{bodies:?}");
        // What was logged before the panic still is; what was only prepared for it is not.
        let either = |body: &Vec<Operator>| {
            matches!(
                body.as_slice(),
                [
                    LocalGet { .. },
                    If { .. },
                    Call { function_index: 0 },
                    Unreachable,
                    Else,
                    End,
                    I32Const { value: 7 },
                    End
                ]
            )
        };
        let returns = |body: &Vec<Operator>| {
            matches!(body.as_slice(), [LocalGet { .. }, LocalGet { .. }, BrIf { .. }, Unreachable, End])
        };
        assert!(bodies.iter().any(either) && bodies.iter().any(returns), "{bodies:?}");
    }

    #[test]
    fn a_module_without_the_known_panics_is_an_error() {
        let error = remove(&mut module("core[0]::panicking::another_name")).unwrap_err();
        assert!(error.to_string().contains("panic_fmt"), "{error}");
    }
}
