//! The order of the functions in the module.
//!
//! The compiler makes many functions that are almost equal, one for each type of a generic one. Brotli describes a function by
//! its difference to an earlier one, and that is shorter the nearer the earlier one is. wasm-bindgen leaves the functions
//! sorted by size, which separates most of these pairs.
//!
//! The module does the same in any order: only the numbers of its functions change, wherever they are used.

use std::convert::Infallible;

use anyhow::Context as _;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

use crate::web::alike::chain;

/// The same module, in which functions of one signature stand together, and among them each beside one that is like it.
///
/// # Errors
/// When `module` is not a WebAssembly module.
pub(crate) fn sort(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut order = Order::of(module).context("cannot read the functions of the module")?;
    let mut sorted = Module::new();
    order.parse_core_module(&mut sorted, Parser::new(0), module).context("cannot sort the functions of the module")?;
    Ok(sorted.finish())
}

/// A permutation of the functions that a module defines. Imported ones come first in the numbering and stay there.
struct Order {
    imported: u32,
    /// The defined functions in their new order, as positions in the old one.
    sorted: Vec<u32>,
    /// The new position of each defined function.
    position: Vec<u32>,
}

impl Order {
    fn of(module: &[u8]) -> anyhow::Result<Self> {
        let (mut imported, mut types, mut bodies) = (0, Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                    }
                }
                Payload::FunctionSection(section) => types = section.into_iter().collect::<Result<Vec<_>, _>>()?,
                Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
                _ => {}
            }
        }
        let sorted = chain(&types, &bodies);
        let sorted: Vec<u32> = sorted.into_iter().map(u32::try_from).collect::<Result<_, _>>()?;
        let mut position = vec![0; sorted.len()];
        for (new, &old) in (0..).zip(&sorted) {
            position[old as usize] = new;
        }
        Ok(Self { imported, sorted, position })
    }

    /// What belongs to the functions, one for each, in the new order.
    fn of_each<T: Clone>(&self, old: &[T]) -> Vec<T> {
        self.sorted.iter().filter_map(|&at| old.get(at as usize).cloned()).collect()
    }
}

impl Reencode for Order {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        let defined = function.checked_sub(self.imported);
        let new = defined.and_then(|defined| self.position.get(defined as usize));
        Ok(new.map_or(function, |new| new + self.imported))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        let types: Vec<u32> = section.into_iter().collect::<Result<_, _>>()?;
        for ty in self.of_each(&types) {
            functions.function(self.type_index(ty)?);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<(), Error> {
        let bodies: Vec<_> = section.into_iter().collect::<Result<_, _>>()?;
        self.of_each(&bodies).into_iter().try_for_each(|body| utils::parse_function_body(self, code, body))
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{ExportKind, ExportSection, Function, ImportSection, TypeSection, ValType};
    use wasmparser::{FunctionBody, Operator};

    use super::*;

    /// An imported function 0, and 1 to 4: 1 and 3 return what 2 returns, which is 7, and 4 calls the imported one.
    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        types.ty().function([], [ValType::I32]);
        let mut imports = ImportSection::new();
        imports.import("browser", "log", wasm_encoder::EntityType::Function(0));
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for (ty, calls) in [(1, Some(2)), (1, None), (1, Some(2)), (0, Some(0))] {
            functions.function(ty);
            let mut body = Function::new([]);
            let mut write = body.instructions();
            match calls {
                Some(function) => write.call(function).end(),
                None => write.i32_const(7).end(),
            };
            code.function(&body);
        }
        let mut exports = ExportSection::new();
        exports.export("first", ExportKind::Func, 1);
        exports.export("last", ExportKind::Func, 4);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
        module.finish()
    }

    #[derive(Default)]
    struct Read<'a> {
        types: Vec<u32>,
        bodies: Vec<FunctionBody<'a>>,
        exports: Vec<(&'a str, u32)>,
    }

    impl<'a> Read<'a> {
        fn new(module: &'a [u8]) -> Self {
            let mut read = Self::default();
            for payload in Parser::new(0).parse_all(module) {
                match payload.unwrap() {
                    Payload::FunctionSection(section) => read.types = section.into_iter().map(Result::unwrap).collect(),
                    Payload::ExportSection(section) => {
                        read.exports =
                            section.into_iter().map(Result::unwrap).map(|export| (export.name, export.index)).collect();
                    }
                    Payload::CodeSectionEntry(body) => read.bodies.push(body),
                    _ => {}
                }
            }
            read
        }

        fn exported(&self, name: &str) -> u32 {
            self.exports.iter().find(|(exported, _)| *exported == name).unwrap().1
        }

        fn first_operator(&self, function: u32) -> Operator<'a> {
            self.bodies[function as usize - 1].get_operators_reader().unwrap().read().unwrap()
        }
    }

    #[test]
    fn functions_of_one_signature_that_are_alike_are_neighbours() {
        let sorted = sort(&module()).unwrap();
        let read = Read::new(&sorted);
        assert_eq!(read.types, [0, 1, 1, 1]);
        let calls: Vec<bool> =
            (1..5).map(|function| matches!(read.first_operator(function), Operator::Call { .. })).collect();
        assert!(calls == [true, true, true, false] || calls == [true, false, true, true], "{calls:?}");
    }

    #[test]
    fn calls_and_exports_lead_to_the_same_functions() {
        let sorted = sort(&module()).unwrap();
        let read = Read::new(&sorted);
        let Operator::Call { function_index } = read.first_operator(read.exported("first")) else { panic!() };
        assert!(matches!(read.first_operator(function_index), Operator::I32Const { value: 7 }));
        let last = read.first_operator(read.exported("last"));
        assert!(matches!(last, Operator::Call { function_index: 0 }), "{last:?}");
    }

    #[test]
    fn bytes_that_are_no_module_are_an_error() {
        assert!(sort(b"no module").is_err());
    }
}
