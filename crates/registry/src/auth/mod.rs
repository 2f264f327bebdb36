//! Authentication: challenges, scopes, tokens and headers.

pub(crate) mod challenge;
mod header;
pub(crate) mod scope;
mod token;

pub(crate) use challenge::{Challenge, Offer, TokenError};
pub(crate) use header::{basic, bearer};
pub(crate) use scope::{Scope, covers};
pub(crate) use token::{Token, TokenCache, TokenRequest, parse as parse_token};
