//! Tests with a real server of PostgreSQL.

mod conflicts;
mod conformance;
mod damage;
mod dropping;
mod facts;
mod forgetting;
mod jobs;
mod losing;
mod migrating;
mod opening;
mod other;
mod plans;
mod pooler;
mod server;
mod tls;
mod trips;
