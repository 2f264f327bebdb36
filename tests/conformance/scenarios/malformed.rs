//! Archives that do not load.

use sockerless_testkit::malformed;

use crate::pair::Pair;
use crate::scenarios::stock;

pub(crate) fn archives(pair: &mut Pair) {
    // dockerd opens the FIFO and never returns.
    let faults = malformed::all().into_iter();
    for fault in faults.filter(|fault| fault.name != "a layer that is a FIFO") {
        pair.load(fault.name, &fault.archive);
    }
    let windows = stock::image("windows", 1, 0)
        .reconfigured(|config| config["os"] = serde_json::json!("windows"));
    pair.load_image(&windows, &["windows:1"]);
    let other = stock::image("other", 1, 0)
        .reconfigured(|config| config["architecture"] = serde_json::json!("s390x"));
    pair.load_image(&other, &["other:1"]);
    pair.get("/images/other:1/json");
    for tags in [
        &["good:1", "sha256:abc"][..],
        &["good:2", "good:3@sha256:abc"],
    ] {
        pair.load_image(&other, tags);
    }
}
