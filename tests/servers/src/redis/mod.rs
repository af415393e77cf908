//! Groups of Redis servers.

mod ask;
mod cluster;
mod forming;
mod moving;
mod node;

pub use cluster::Cluster;
