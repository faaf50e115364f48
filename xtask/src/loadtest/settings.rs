//! The settings of the server of each scenario.

use std::net::SocketAddr;

/// Settings of a server, as environment variables.
pub(crate) type Settings = Vec<(&'static str, String)>;

/// For scenarios that measure the server: all users share one address, so rate limits would apply to them together.
const UNLIMITED: &[(&str, &str)] = &[("TANDEM_RATE_LIMIT", "off"), ("TANDEM_SOCKETS_PER_USER", "100000")];
/// For scenarios that test the limits. The load tester sends an address for each user, as a proxy does.
const LIMITED: &[(&str, &str)] = &[("TANDEM_TRUSTED_PROXIES", "127.0.0.1")];
/// For the account of `costs`, which is larger than the default quota.
const LARGE_QUOTA: &[(&str, &str)] =
    &[("TANDEM_RATE_LIMIT", "off"), ("TANDEM_USER_BYTES", "1GiB"), ("TANDEM_USER_ROWS", "2000000")];

/// The settings of a scenario's server, with the load tester as its provider.
pub(crate) fn of_scenario(scenario: &str, provider: SocketAddr) -> Settings {
    let own = match scenario {
        "bad-neighbour" => LIMITED,
        "costs" => LARGE_QUOTA,
        _ => UNLIMITED,
    };
    let mut settings: Settings = own.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    settings.extend([
        ("TANDEM_PROVIDERS", "openai,builtin".to_owned()),
        ("OPENAI_API_KEY", "load".to_owned()),
        ("OPENAI_BASE_URL", format!("http://{provider}/v1")),
        ("OPENAI_MODEL", "fake".to_owned()),
    ]);
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_scenario_that_tests_rate_limits_has_them() {
        let of = |scenario| of_scenario(scenario, ([127, 0, 0, 1], 9).into());
        let unlimited = |settings: Settings| settings.contains(&("TANDEM_RATE_LIMIT", "off".to_owned()));
        assert!(unlimited(of("fifty-users")) && unlimited(of("idle")) && unlimited(of("costs")));
        assert!(!unlimited(of("bad-neighbour")));
        assert!(of("idle").contains(&("OPENAI_BASE_URL", "http://127.0.0.1:9/v1".to_owned())));
    }
}
