//! Whatever the line does, a device ends equal to the server, and never shows a text that was not said.

use crate::{device::Device, source::Source};
use proptest::{
    collection::vec,
    prelude::{ProptestConfig, Strategy, any},
    proptest,
    test_runner::TestCaseError,
};

/// Something happens on the server, then something to the line.
#[derive(Clone, Copy, Debug)]
struct Step {
    what: u8,
    pick: u8,
    fate: u8,
}

fn step() -> impl Strategy<Value = Step> {
    any::<[u8; 3]>().prop_map(|[what, pick, fate]| Step { what, pick, fate })
}

/// 100,000 unless `PROPTEST_CASES` says otherwise.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 100_000;
    }
    config
}

fn check(steps: &[Step], json: bool) -> Result<(), TestCaseError> {
    let mut source = Source::new();
    let mut device = Device::new(&source, json);
    for step in steps {
        let sent = source.step(step.what, step.pick);
        device.send(sent);
        device.suffer(&mut source, step.fate);
    }
    device.settle(&source);
    if let Some(difference) = source.digest().difference(&device.replica.digest()) {
        return Err(TestCaseError::fail(format!("server / device:\n{difference}")));
    }
    let faults = device.faults_of_the_server();
    if faults.is_empty() { Ok(()) } else { Err(TestCaseError::fail(format!("{faults:?}"))) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_device_ends_equal_to_the_server_whatever_happens_on_the_line(steps in vec(step(), 0..24), form in 0..16u8) {
        check(&steps, form == 0)?;
    }
}
