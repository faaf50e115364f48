//! The server's own counters, from its admin listener in the text format of Prometheus.

/// The value of a counter, summed over its labels; `None` when the text does not contain it.
pub fn counter(text: &str, name: &str) -> Option<f64> {
    let values = text.lines().filter_map(|line| value(line, name));
    values.fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
}

/// The value on a line such as `name 3` or `name{label="a"} 3`.
fn value(line: &str, name: &str) -> Option<f64> {
    let behind = line.strip_prefix(name)?;
    let value = match behind.strip_prefix('{') {
        // The value of a label may contain a brace, so the last one ends the labels.
        Some(labels) => labels.rsplit_once('}')?.1,
        None => behind.strip_prefix(' ')?,
    };
    value.split_ascii_whitespace().next()?.parse().ok()
}

/// The metrics of a server, fetched for each call.
#[derive(Clone, Debug)]
pub struct Exported {
    http: reqwest::Client,
    url: String,
}

impl Exported {
    /// Fetches from this address, such as `http://127.0.0.1:9464/metrics`.
    pub fn at(url: String) -> Self {
        Self { http: crate::virtual_user::api::client(), url }
    }

    /// The current value of a counter, summed over its labels; `None` when the server does not export it.
    pub async fn counter(&self, name: &str) -> Option<f64> {
        let text = self.http.get(&self.url).send().await.ok()?.text().await.ok()?;
        counter(&text, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_summed_over_its_labels() {
        let text = "# TYPE tandem_resumes_total counter\n\
                    tandem_resumes_total{mode=\"fresh\"} 2\n\
                    tandem_resumes_total{mode=\"resumed\",note=\"a } b\"} 40\n\
                    tandem_resume_reads_total 7\n";
        assert_eq!(counter(text, "tandem_resumes_total"), Some(42.0));
        assert_eq!(counter(text, "tandem_resume_reads_total"), Some(7.0));
        assert_eq!((counter(text, "tandem_resume"), counter("", "tandem_resumes_total")), (None, None));
    }
}
