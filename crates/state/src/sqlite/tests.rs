mod conformance;
mod crash;
mod file;
mod look;
mod statements;
mod threads;
