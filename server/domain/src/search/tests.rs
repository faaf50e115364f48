//! The terms of many scripts, and properties of all texts.

use super::*;
use proptest::prelude::*;

fn indexed(text: &str) -> Vec<String> {
    document("", text).body
}

/// Whether a text is found by a query.
fn finds(text: &str, query: &str) -> bool {
    let (terms, wanted) = (indexed(text), super::query(query));
    !wanted.is_empty() && wanted.iter().all(|wanted| terms.iter().any(|term| term.starts_with(wanted)))
}

fn marked(text: &str, query: &str) -> String {
    let (mut shown, mut at) = (String::new(), 0);
    matches(text, &super::query(query), |place| {
        shown.extend([&text[at..place.start], "[", &text[place.clone()], "]"]);
        at = place.end;
        ControlFlow::Continue(())
    });
    shown + &text[at..]
}

#[test]
fn a_text_is_found_however_it_is_written() {
    for (text, queries) in [
        ("Café Größe", ["café", "cafe", "CAFE\u{301}", "grösse", "grosse", "GRÖSSE", "gro"].as_slice()),
        ("cafe\u{301} rest", &["café", "cafe"]),
        ("ＦＵＬＬ ｶﾞｷﾞ №5 ﬁsh", &["full", "ガギ", "no5", "fish", "f"]),
        ("ΟΔΥΣΣΕΥΣ Άννα", &["οδυσσευς", "ΟΔΥΣΣΕΎΣ", "αννα"]),
        ("ёлка й İstanbul", &["елка", "и", "istanbul", "ISTANBUL"]),
        ("שָׁלוֹם مَرْحَبًا مـرحبا", &["שלום", "مرحبا"]),
        ("soft\u{ad}hyphen zero\u{200b}width می\u{200c}خواهم", &["softhyphen", "zerowidth", "میخواهم"]),
        ("회의 준비 \u{1112}\u{1161}\u{11ab}", &["회의", "준", "한"]),
        ("हिन्दी में", &["हिन्दी", "हि", "में"]),
    ] {
        for query in queries {
            assert!(finds(text, query), "{query} in {text}: {:?} {:?}", super::query(query), indexed(text));
        }
    }
    assert!(!finds("か", "が"), "these are other letters");
    assert!(!finds("कि", "की"), "these are other vowels");
}

#[test]
fn words_inside_of_phrases_without_spaces_are_found() {
    for (text, queries) in [
        ("東京で会議を予約する", ["会議", "京", "る", "東京で会議を予約する", "予約"].as_slice()),
        ("明天下午去超市买牛奶。", &["超市", "牛奶", "奶"]),
        ("นัดประชุมพรุ่งนี้", &["ประชุม", "พรุ่งนี้", "ประ"]),
        ("データベース更新v2", &["ベース", "更新", "v2", "データ"]),
    ] {
        for query in queries {
            assert!(finds(text, query), "{query} in {text}: {:?}", indexed(text));
        }
    }
    assert!(!finds("会社の議論", "会議"));
    assert_eq!(indexed("会議室 a"), ["会議", "議室", "室", "a"]);
    assert_eq!(query("会議室"), ["会議", "議室"]);
}

#[test]
fn symbols_signs_and_addresses_are_found() {
    for (text, queries) in [
        ("🎂 cake", ["🎂", "🎂 cake", "🎂cake"].as_slice()),
        ("👩🏽\u{200d}🚀 ❤\u{fe0f} 🇩🇪🇫🇷 1\u{fe0f}\u{20e3}", &["👩", "👩\u{200d}🚀", "❤", "🇩🇪", "🇫🇷", "1", "🚀"]),
        ("Learn C++17 and C#.", &["C++", "c", "c#", "C+", "17"]),
        ("mail ann.lee+x@b.example, now", &["ann.lee+x@b.example", "ann.lee+x@b", "ann", "b.example", "lee", "@b"]),
        ("a@b.example", &["a@b.example", "a", "b", "example", "A@B.EXAMPLE"]),
        ("milk, eggs", &["milk+eggs", "milk,eggs", "#milk"]),
    ] {
        for query in queries {
            assert!(finds(text, query), "{query} in {text}: {:?} {:?}", super::query(query), indexed(text));
        }
    }
    for (text, query) in [
        ("C and D", "C++"),
        ("apples, bananas for example", "a@b.example"),
        ("🇪🇩", "🇩🇪"),
        ("x@b.example", "a@b.example"),
        ("cake", "🎂"),
    ] {
        assert!(!finds(text, query), "{query} in {text}: {:?}", super::query(query));
    }
}

#[test]
fn a_term_that_begins_another_is_dropped() {
    assert_eq!(query("a A apple ap banana apple"), ["apple", "banana"]);
    assert_eq!(query("banana a b"), ["banana", "a"]);
}

#[test]
fn a_query_is_bounded() {
    assert_eq!(query("one two three four five six seven eight").len(), 6);
    assert_eq!(query("一二三四五六七八九十百千万").len(), 8);
    assert!(query(&"x".repeat(100_000)).is_empty(), "nothing is found by an endless word");
}

#[test]
fn signs_alone_are_no_terms() {
    for signs in ["%", "_", "\"", "*", "()", "-", "\\", "++", "#", "@", "\u{200d}", "\u{301}"] {
        assert!(query(signs).is_empty(), "{signs} became {:?}", query(signs));
    }
    assert_eq!(query("ل@\u{610}"), ["ل"], "a mark is no domain");
    assert_eq!(query("NEAR(x col:y"), ["near", "x", "col", "y"]);
}

#[test]
fn matches_are_marked_where_they_stand() {
    for (text, query, shown) in [
        ("hello, the Zanzibar trip", "zanz TRIP", "hello, the [Zanz]ibar [trip]"),
        ("Übung macht", "ubu", "[Übu]ng macht"),
        ("cafe\u{301}s", "café", "[cafe\u{301}]s"),
        ("Straße", "strass", "[Straß]e"),
        ("ΟΔΟΣ", "οδος", "[ΟΔΟΣ]"),
        ("東京で会議を予約", "会議を", "東京で[会議を]予約"),
        ("C++ or C", "c++", "[C++] or C"),
        ("C++ or C", "c", "[C]++ or [C]"),
        ("to a@b.example now", "a@b", "to [a@b].example now"),
        ("🎂 cake", "🎂", "[🎂] cake"),
    ] {
        assert_eq!(marked(text, query), shown);
    }
}

#[test]
fn a_document_has_a_bounded_number_of_terms() {
    assert_eq!(
        document("Oat-milk", "2 l oat, 2 milk"),
        DocumentTerms { title: vec!["oat".into(), "milk".into()], body: vec!["2".into(), "l".into()] }
    );
    let text: String = (0..INDEXED_BYTES).fold(String::new(), |text, number| text + &format!("ä{number} "));
    let terms = indexed(&text);
    assert!(terms.iter().any(|term| term == "a100") && !terms.iter().any(|term| term == "a100000"));
    assert!(indexed(&"x".repeat(LONGEST_TERM + 1)).is_empty());
    // This character is eighteen in compatibility form.
    let long = (0..40_000).fold(String::new(), |text, number| text + &format!("\u{fdfa}{number}"));
    let bytes: usize = indexed(&long).iter().map(|term| term.len() + TERM_COST).sum();
    assert!(bytes <= MAX_TERMS_BYTES, "{bytes}");
}

proptest! {
    #[test]
    fn what_was_written_can_be_looked_for(text in "(\\PC| |[a-cé@.+#会議をกีि\u{301}\u{200d}🎂🇩🇪ｶﾞ]){0,40}") {
        let terms = indexed(&text);
        for wanted in query(&text) {
            prop_assert!(terms.iter().any(|term| term.starts_with(&wanted)), "{wanted:?} of {terms:?}");
            prop_assert_eq!(query(&wanted), vec![wanted], "a term is its own");
        }
        for term in &terms {
            prop_assert!(!term.contains([' ', '"', '\'', '\\', '\0']), "{term:?} would need escaping");
        }
    }

    #[test]
    fn marks_are_at_characters_of_the_text(text in "\\PC{0,40}", query in "\\PC{0,4}") {
        let mut end = 0;
        matches(&text, &super::query(&query), |place| {
            assert!(end <= place.start && place.start < place.end && text.get(place.clone()).is_some());
            end = place.end;
            ControlFlow::Continue(())
        });
    }
}
