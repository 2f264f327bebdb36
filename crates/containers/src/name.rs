//! Names of containers: validity, conflicts and generated names.

use super::id;
use sockerless_images::{Error, Kind};

/// A valid container name, without its optional leading slash.
///
/// # Errors
/// [`Kind::InvalidParameter`] for an invalid name, with Docker's message.
pub(crate) fn checked(given: &str) -> Result<&str, Error> {
    let name = given.strip_prefix('/').unwrap_or(given);
    let is_rest = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    match name.as_bytes() {
        [first, rest @ ..]
            if first.is_ascii_alphanumeric()
                && !rest.is_empty()
                && rest.iter().all(|byte| is_rest(*byte)) =>
        {
            Ok(name)
        }
        _ => Err(Error::new(
            Kind::InvalidParameter,
            format!("Invalid container name ({given}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"),
        )),
    }
}

/// Docker's error for a name that another container has.
pub(crate) fn taken(name: &str, by: &str) -> Error {
    Error::new(
        Kind::Conflict,
        format!(
            "Conflict. The container name \"/{name}\" is already in use by container \"{by}\". \
             You have to remove (or rename) that container to be able to reuse that name."
        ),
    )
}

/// Generates a name for a container without one. From the fourth attempt on it has a number, so
/// that thousands of containers do not use the names up.
pub(crate) fn made_up(attempt: u32) -> Result<String, Error> {
    let mut random = [0; 6];
    id::fill(&mut random)?;
    let [adjective, surname, number @ ..] = random;
    let name = format!(
        "{}_{}",
        pick(ADJECTIVES, adjective),
        pick(SURNAMES, surname)
    );
    Ok(match attempt {
        0..3 => name,
        _ => format!("{name}_{}", u32::from_be_bytes(number)),
    })
}

/// The lists have 64 words, so that each is equally likely.
fn pick(words: &[&'static str; 64], random: u8) -> &'static str {
    words[usize::from(random) % words.len()]
}

#[rustfmt::skip]
const ADJECTIVES: &[&str; 64] = &[
    "airy", "amber", "ample", "arctic", "autumn", "azure", "balmy", "breezy",
    "bronze", "calm", "candid", "cedar", "chilly", "cloudy", "copper", "cosmic",
    "crimson", "dapper", "dawning", "deft", "dewy", "early", "earnest", "fair",
    "floating", "fluent", "frosty", "gentle", "glassy", "golden", "grassy", "hazy",
    "hollow", "icy", "indigo", "ivory", "lively", "lofty", "lunar", "mellow",
    "merry", "misty", "mossy", "narrow", "nimble", "northern", "olive", "pearly",
    "placid", "plain", "polar", "quick", "quiet", "rainy", "rapid", "rustic",
    "sandy", "silver", "solar", "steady", "sunny", "swift", "tidal", "velvet",
];

/// Surnames of people after whom something in physics or mathematics is named.
#[rustfmt::skip]
const SURNAMES: &[&str; 64] = &[
    "abel", "ampere", "angstrom", "avogadro", "bessel", "biot", "bloch", "boltzmann",
    "boole", "born", "bragg", "brewster", "cantor", "carnot", "cauchy", "celsius",
    "cerenkov", "compton", "coriolis", "coulomb", "debye", "dedekind", "descartes", "dirac",
    "dirichlet", "doppler", "fahrenheit", "faraday", "fibonacci", "foucault", "fourier", "fresnel",
    "gibbs", "hall", "hamilton", "helmholtz", "henry", "hilbert", "hooke", "hubble",
    "huygens", "joule", "kepler", "kirchhoff", "lagrange", "landau", "laplace", "legendre",
    "lorentz", "mach", "mobius", "nernst", "noether", "oersted", "ohm", "peltier",
    "planck", "poisson", "rayleigh", "riemann", "seebeck", "stokes", "torricelli", "weber",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names() {
        for (given, name) in [
            ("xx", "xx"),
            ("/n1", "n1"),
            ("a.", "a."),
            ("0_", "0_"),
            ("Web-1.x_y", "Web-1.x_y"),
        ] {
            assert_eq!(checked(given).expect("a name"), name);
        }
        for given in [
            "",
            "/",
            "x",
            "/x",
            "_x",
            ".x",
            "-x",
            "//n2",
            "a/b",
            "a b",
            "é1",
            "aé",
            "sha256:ab",
        ] {
            let error = checked(given).expect_err(given);
            assert_eq!(error.kind(), Kind::InvalidParameter);
            assert_eq!(
                error.message(),
                format!(
                    "Invalid container name ({given}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
                )
            );
        }
    }

    #[test]
    fn every_word_makes_a_name() {
        for words in [ADJECTIVES, SURNAMES] {
            assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
            for word in words {
                assert!(word.bytes().all(|byte| byte.is_ascii_lowercase()), "{word}");
                checked(word).expect("a name");
            }
        }
    }

    #[test]
    fn made_up_names() {
        for attempt in [0, 2, 3, 1000] {
            let name = made_up(attempt).expect("random");
            checked(&name).expect("a name");
            let parts = name.split('_').count();
            assert_eq!(parts, if attempt < 3 { 2 } else { 3 }, "{name}");
        }
    }
}
