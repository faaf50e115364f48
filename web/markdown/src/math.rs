//! Reads the common part of TeX's formulas into a tree that a browser can draw as `MathML`.
//!
//! A formula with anything else in it is not read at all: its source, which everybody who writes formulas can read, says
//! more than a part of it.
//!
//! **Invariant:** the time is linear in the length of the source, and what is read is at most [`MAX_DEPTH`] deep.

/// Bytes of the longest source that is read.
const MAX_BYTES: usize = 4_000;
/// Levels of groups within groups.
const MAX_DEPTH: usize = 24;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula {
    /// A variable, or the name of a function.
    Name(String),
    Number(String),
    Operator(String),
    /// Words between the signs.
    Text(String),
    Row(Vec<Formula>),
    Fraction(Box<Formula>, Box<Formula>),
    /// What is under the root, and which root.
    Root(Box<Formula>, Option<Box<Formula>>),
    /// What stands below and above on the right, or under and over where `limits` is set.
    Scripts {
        base: Box<Formula>,
        below: Option<Box<Formula>>,
        above: Option<Box<Formula>>,
        limits: bool,
    },
    /// An accent above its base.
    Accent(Box<Formula>, String),
    Table(Vec<Vec<Formula>>),
}

/// Reads a formula with its delimiters; `None` when it has anything that is not known. Also returns whether it stands in
/// lines of its own.
pub fn formula(source: &str) -> Option<(Formula, bool)> {
    let delimiters = [("$$", "$$", true), ("\\[", "\\]", true), ("\\(", "\\)", false), ("$", "$", false)];
    let (inner, display) = delimiters
        .iter()
        .find_map(|(start, end, display)| Some((source.strip_prefix(start)?.strip_suffix(end)?, *display)))?;
    if source.len() > MAX_BYTES {
        return None;
    }
    let mut reader = Reader { rest: inner, depth: 0 };
    let mut rows = reader.rows()?;
    // Rows are for formulas in lines of their own, and columns for what has a name.
    if !reader.rest.is_empty() || (rows.len() > 1 && !display) || rows.iter().any(|row| row.len() > 1) {
        return None;
    }
    let formula = if rows.len() == 1 { rows.pop()?.pop()? } else { Formula::Table(rows) };
    Some((formula, display))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Brace,
    Bracket,
    /// Before `\right`, which is not consumed.
    Right,
    /// `&`, `\\`, `\end`, which stay, or the end of the source.
    Cell,
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

/// Names and the characters that they stand for. Operators stand in the second list.
const NAMES: &str = "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ \
    lambda λ mu μ nu ν xi ξ pi π rho ρ sigma σ tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ \
    Lambda Λ Xi Ξ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω infty ∞ partial ∂ nabla ∇ emptyset ∅ hbar ℏ ell ℓ Re ℜ Im ℑ aleph ℵ \
    ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ degree ° angle ∠";
const OPERATORS: &str = "times × cdot ⋅ div ÷ pm ± mp ∓ leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ approx ≈ equiv ≡ sim ∼ propto ∝ ll ≪ gg ≫ \
    in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup ∪ cap ∩ setminus ∖ forall ∀ exists ∃ neg ¬ land ∧ wedge ∧ \
    lor ∨ vee ∨ to → rightarrow → leftarrow ← leftrightarrow ↔ Rightarrow ⇒ implies ⟹ Leftarrow ⇐ Leftrightarrow ⇔ iff ⟺ mapsto ↦ \
    circ ∘ oplus ⊕ otimes ⊗ star ⋆ ast ∗ mid ∣ parallel ∥ perp ⊥ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ \
    lvert | rvert | vert | Vert ‖ lbrace { rbrace } colon : prime ′ backslash \\";
/// Operators whose scripts stand under and over them.
const LARGE: &str = "sum ∑ prod ∏ int ∫ iint ∬ oint ∮ bigcup ⋃ bigcap ⋂";
const FUNCTIONS: &str = "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp det dim ker gcd deg arg Pr lim max min sup inf";
const ACCENTS: &str = "hat ^ widehat ^ bar ¯ overline ¯ vec → dot ˙ ddot ¨ tilde ~ widetilde ~";
const DOUBLE: &str = "R ℝ N ℕ Z ℤ Q ℚ C ℂ P ℙ E 𝔼 F 𝔽 H ℍ";

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
}

fn listed(list: &'static str, name: &str) -> Option<&'static str> {
    let mut words = list.split_ascii_whitespace();
    while let (Some(known), Some(sign)) = (words.next(), words.next()) {
        if known == name {
            return Some(sign);
        }
    }
    None
}

impl<'a> Reader<'a> {
    fn take(&mut self, mark: &str) -> bool {
        let found = self.rest.strip_prefix(mark);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Everything up to the end, with the scripts at their bases.
    fn row(&mut self, end: End) -> Option<Formula> {
        if self.depth == MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let mut items: Vec<Formula> = Vec::new();
        loop {
            self.space();
            let done = match end {
                End::Brace => self.take("}"),
                End::Bracket => self.take("]"),
                // Not `\\rightarrow`.
                End::Right => self.rest.strip_prefix("\\right").is_some_and(|after| !after.starts_with(is_letter)),
                End::Cell => {
                    let marks = ["&", "\\\\", "\\end"];
                    self.rest.is_empty() || marks.iter().any(|mark| self.rest.starts_with(mark))
                }
            };
            if done {
                break;
            }
            let mark = self.rest.chars().next()?;
            if matches!(mark, '^' | '_' | '\'') {
                let base = items.pop().unwrap_or(Formula::Row(Vec::new()));
                items.push(self.scripts(base)?);
            } else if let Some(item) = self.item()? {
                items.push(item);
            }
        }
        self.depth -= 1;
        Some(if items.len() == 1 { items.remove(0) } else { Formula::Row(items) })
    }

    fn scripts(&mut self, base: Formula) -> Option<Formula> {
        let limits = match &base {
            Formula::Operator(sign) => LARGE.contains(sign.as_str()) && !sign.contains(['∫', '∬', '∮']),
            Formula::Name(name) => matches!(name.as_str(), "lim" | "max" | "min" | "sup" | "inf"),
            _ => false,
        };
        let (mut below, mut above) = (None, None);
        loop {
            self.space();
            let slot = if self.take("_") {
                &mut below
            } else if self.take("^") {
                &mut above
            } else if self.take("'") {
                let primes = 1 + self.rest.chars().take_while(|c| *c == '\'').count();
                self.rest = &self.rest[primes - 1..];
                if above.is_some() {
                    return None;
                }
                above = Some(Box::new(Formula::Operator("′".repeat(primes))));
                continue;
            } else {
                break;
            };
            // Two of one kind are an error in TeX.
            if slot.is_some() {
                return None;
            }
            *slot = Some(Box::new(self.argument()?));
        }
        Some(Formula::Scripts { base: Box::new(base), below, above, limits })
    }

    /// A group in braces, or the next sign.
    fn argument(&mut self) -> Option<Formula> {
        self.space();
        if self.take("{") {
            return self.row(End::Brace);
        }
        // One digit, not the whole number.
        if let Some(digit) = self.rest.chars().next().filter(char::is_ascii_digit) {
            self.rest = &self.rest[1..];
            return Some(Formula::Number(digit.to_string()));
        }
        // Commands may follow each other without braces: `\\sqrt\\sqrt x`.
        self.depth += 1;
        let item = if self.depth < MAX_DEPTH { self.item()? } else { None };
        self.depth -= 1;
        item
    }

    /// Words in braces, as they are.
    fn words(&mut self) -> Option<String> {
        self.space();
        let inner = self.rest.strip_prefix('{')?;
        let end = inner.find(['{', '}']).filter(|end| inner[*end..].starts_with('}'))?;
        self.rest = &inner[end + 1..];
        Some(inner[..end].to_owned())
    }

    /// The next sign, number, group or command; `Some(None)` for one that draws nothing.
    #[expect(clippy::option_option, reason = "three cases: not known, known and nothing to draw, a formula")]
    fn item(&mut self) -> Option<Option<Formula>> {
        let mark = self.rest.chars().next()?;
        if mark == '\\' {
            return self.command();
        }
        if mark == '{' {
            self.rest = &self.rest[1..];
            return self.row(End::Brace).map(Some);
        }
        if mark.is_ascii_digit() {
            let digits = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
            let number = self.rest[..digits].trim_end_matches('.');
            self.rest = &self.rest[number.len()..];
            return Some(Some(Formula::Number(number.to_owned())));
        }
        self.rest = &self.rest[mark.len_utf8()..];
        Some(Some(match mark {
            '-' => Formula::Operator("−".into()),
            '*' => Formula::Operator("∗".into()),
            '~' => return Some(None),
            '}' | '&' | '#' | '%' | '$' => return None,
            c if c.is_alphabetic() => Formula::Name(c.to_string()),
            c => Formula::Operator(c.to_string()),
        }))
    }

    #[expect(clippy::option_option, reason = "as for an item")]
    fn command(&mut self) -> Option<Option<Formula>> {
        let after = &self.rest[1..];
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let name = &after[..letters];
        if letters == 0 {
            let sign = after.chars().next()?;
            self.rest = &after[sign.len_utf8()..];
            return match sign {
                ',' | ';' | ':' | '!' | ' ' => Some(None),
                '{' | '}' | '%' | '$' | '#' | '&' | '_' => Some(Some(Formula::Operator(sign.to_string()))),
                '|' => Some(Some(Formula::Operator("‖".into()))),
                _ => None,
            };
        }
        self.rest = &after[letters..];
        Some(Some(match name {
            "quad" | "qquad" => Formula::Text("\u{2003}".into()),
            "displaystyle" | "limits" | "nolimits" => return Some(None),
            "frac" | "dfrac" | "tfrac" => Formula::Fraction(Box::new(self.argument()?), Box::new(self.argument()?)),
            "binom" => {
                let (above, below) = (self.argument()?, self.argument()?);
                fenced("(", Formula::Table(vec![vec![above], vec![below]]), ")")
            }
            "sqrt" => {
                let index = if self.take("[") { Some(Box::new(self.row(End::Bracket)?)) } else { None };
                Formula::Root(Box::new(self.argument()?), index)
            }
            "text" | "textrm" | "mbox" => Formula::Text(self.words()?),
            "mathrm" | "operatorname" | "mathbf" | "mathsf" => Formula::Name(self.words()?),
            "mathbb" => Formula::Name(listed(DOUBLE, &self.words()?)?.into()),
            "left" => {
                let open = self.delimiter()?;
                let inner = self.row(End::Right)?;
                self.rest = self.rest.strip_prefix("\\right")?;
                let close = self.delimiter()?;
                fenced(open, inner, close)
            }
            "begin" => self.environment()?,
            _ => self.named(name)?,
        }))
    }

    fn named(&mut self, name: &str) -> Option<Formula> {
        if let Some(sign) = listed(NAMES, name) {
            return Some(Formula::Name(sign.into()));
        }
        if let Some(sign) = listed(OPERATORS, name).or_else(|| listed(LARGE, name)) {
            return Some(Formula::Operator(sign.into()));
        }
        if let Some(sign) = listed(ACCENTS, name) {
            return Some(Formula::Accent(Box::new(self.argument()?), sign.into()));
        }
        FUNCTIONS.split_ascii_whitespace().any(|known| known == name).then(|| Formula::Name(name.into()))
    }

    /// The sign after `\left` or `\right`; empty for `.`.
    fn delimiter(&mut self) -> Option<&'a str> {
        self.space();
        let rest = self.rest;
        let sign = rest.chars().next()?;
        if sign != '\\' {
            self.rest = &rest[sign.len_utf8()..];
            return Some(if sign == '.' { "" } else { &rest[..sign.len_utf8()] });
        }
        let letters = rest[1..].bytes().take_while(u8::is_ascii_alphabetic).count();
        let length = 1 + letters.max(1);
        let name = rest.get(1..length)?;
        self.rest = &rest[length..];
        match name {
            "{" | "}" => Some(name),
            "|" => Some("‖"),
            _ => listed(OPERATORS, name),
        }
    }

    fn environment(&mut self) -> Option<Formula> {
        let name = self.words()?;
        let (open, close) = match name.trim_end_matches('*') {
            "matrix" | "aligned" | "align" | "gathered" | "split" => ("", ""),
            "pmatrix" => ("(", ")"),
            "bmatrix" => ("[", "]"),
            "vmatrix" => ("|", "|"),
            "cases" => ("{", ""),
            _ => return None,
        };
        let rows = self.rows()?;
        self.rest = self.rest.strip_prefix("\\end")?;
        (self.words()? == name).then(|| fenced(open, Formula::Table(rows), close))
    }

    /// The cells of each row, up to something that is neither.
    fn rows(&mut self) -> Option<Vec<Vec<Formula>>> {
        let mut rows = vec![Vec::new()];
        loop {
            let cell = self.row(End::Cell)?;
            rows.last_mut()?.push(cell);
            if self.take("&") {
                continue;
            }
            if self.take("\\\\") {
                self.distance();
                rows.push(Vec::new());
                continue;
            }
            // A line end after the last row begins no row.
            if rows.len() > 1 && matches!(&rows.last()?[..], [Formula::Row(items)] if items.is_empty()) {
                rows.pop();
            }
            return Some(rows);
        }
    }

    /// Skips the distance to the next row, as in `\\[4pt]`.
    fn distance(&mut self) {
        if let Some((distance, rest)) = self.rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            let unit = distance.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            if unit.len() < distance.len() && matches!(unit, "pt" | "px" | "em" | "ex" | "mm" | "cm") {
                self.rest = rest;
            }
        }
    }
}

fn fenced(open: &str, inner: Formula, close: &str) -> Formula {
    let sign = |sign: &str| (!sign.is_empty()).then(|| Formula::Operator(sign.to_owned()));
    Formula::Row([sign(open), Some(inner), sign(close)].into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Formula {
        Formula::Name(text.into())
    }

    fn read(source: &str) -> Option<Formula> {
        formula(source).map(|(formula, _)| formula)
    }

    #[test]
    fn scripts_belong_to_the_sign_before_them() {
        let two = || Some(Box::new(Formula::Number("2".into())));
        let squared = Formula::Scripts { base: Box::new(name("x")), below: None, above: two(), limits: false };
        assert_eq!(read("$x^2$"), Some(squared.clone()));
        assert_eq!(read("$x^23$"), Some(Formula::Row(vec![squared, Formula::Number("3".into())])));
        assert_eq!(read("$x^2^2$"), None);
    }

    #[test]
    fn what_models_write_is_read() {
        for source in [
            r"$\frac{a}{b}$",
            r"\(\sqrt[3]{x} \leq \pi\)",
            "$$\n\\int_0^1 x\\,dx = \\frac12\n$$",
            r"\[\sum_{n=1}^\infty \frac{1}{n^2} = \frac{\pi^2}{6}\]",
            r"$f'(x) = \lim_{h \to 0} \frac{f(x+h) - f(x)}{h}$",
            r"$\left( \frac{a}{b} \right]$",
            r"$\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}$",
            r"$f(x) = \begin{cases} x & \text{if } x > 0 \\ 0 & \text{else} \end{cases}$",
            r"$\hat{y} \in \mathbb{R}^n, \quad \vec{v} \cdot \mathbf{w}$",
            r"$e^{i\pi} + 1 = 0$",
            r"$50\%$",
        ] {
            assert!(read(source).is_some(), "{source}");
        }
        assert!(formula("$$x$$").is_some_and(|(_, display)| display));
    }

    #[test]
    fn a_formula_in_lines_of_its_own_may_have_rows() {
        let rows = |names: [&str; 2]| Formula::Table(names.map(|text| vec![name(text)]).to_vec());
        assert_eq!(read(r"$$a \\ c$$"), Some(rows(["a", "c"])));
        assert_eq!(read(r"\[a \\[4.5pt] c \\ \]"), Some(rows(["a", "c"])));
        assert_eq!(read("$$ $$"), Some(Formula::Row(Vec::new())));
        for source in [r"$a \\ c$", r"$$a & b \\ c & d$$", r"$$a \end{matrix}$$", r"$$a \\ \right)$$"] {
            assert_eq!(read(source), None, "{source}");
        }
    }

    #[test]
    fn what_is_not_known_is_left_to_the_reader() {
        for source in [r"$\unknown{x}$", "$x^$", "$}$", "${x$", r"$\left( x$", r"$\begin{matrix} 1$", "x"] {
            assert_eq!(read(source), None, "{source}");
        }
        assert_eq!(read(&format!("${}$", "{".repeat(100))), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_stumble(inner in "[\\\\a-d{}^_&$ \\[\\]().'0-9é]{0,60}") {
            let _ = formula(&format!("${inner}$"));
            let _ = formula(&format!("$\\frac{inner}$"));
        }
    }
}
