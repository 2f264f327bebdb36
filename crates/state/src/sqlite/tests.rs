mod conformance;
mod crash;
mod file;
mod statements;
mod threads;
