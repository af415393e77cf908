//! Requests per second of many clients at once, as a ratio to the first cell of the group.

use std::time::Instant;

use axum::{Router, body::Body, http::Request};
use tokio::task::JoinSet;

use crate::{
    Failure,
    client::{self, Client},
    contenders::App,
    work::{Cell, Group, Place, Work},
};

const ROUNDS: usize = 15;

/// The median over the rounds, for each cell of the group in its order; 1 for the first.
///
/// In each round every cell serves the same number of requests, one after the other, so that what
/// else the machine does meets all of them alike.
pub async fn ratios(group: &Group) -> Result<Vec<f64>, Failure> {
    let mut stands = Vec::new();
    for cell in &group.cells {
        stands.push(Stand::open(*cell).await?);
    }
    let mut rounds = vec![Vec::new(); stands.len()];
    // One round more, which warms all up and is not counted.
    for round in 0..=ROUNDS {
        let mut speeds = Vec::new();
        for stand in &stands {
            speeds.push(stand.speed().await?);
        }
        let Some(first) = speeds.first().copied().filter(|_| round > 0) else {
            continue;
        };
        for (ratios, speed) in rounds.iter_mut().zip(&speeds) {
            ratios.push(speed / first);
        }
    }
    Ok(rounds.into_iter().map(median).collect())
}

struct Stand {
    app: App,
    clients: Vec<Client>,
    work: Work,
    requests_each: usize,
}

impl Stand {
    async fn open(cell: Cell) -> Result<Self, Failure> {
        let app = App::open(cell.contender, cell.place).await?;
        let clients = Client::all(&app).await?;
        let requests_each = match cell.place {
            Place::Memory => 400,
            Place::Sqlite => 30,
            Place::Redis => 100,
        };
        Ok(Self {
            app,
            clients,
            work: cell.work,
            requests_each,
        })
    }

    /// Requests per second, the making of the requests left out.
    async fn speed(&self) -> Result<f64, Failure> {
        let mut loads = Vec::new();
        for client in &self.clients {
            let requests = (0..self.requests_each).map(|_| client.request(self.work));
            loads.push(requests.collect::<Result<Vec<_>, _>>()?);
        }
        let mut running = JoinSet::new();
        let start = Instant::now();
        for requests in loads {
            running.spawn(serve(self.app.router.clone(), requests));
        }
        while let Some(served) = running.join_next().await {
            served??;
        }
        let requests = self.clients.len() * self.requests_each;
        Ok(requests as f64 / start.elapsed().as_secs_f64())
    }
}

async fn serve(mut router: Router, requests: Vec<Request<Body>>) -> Result<(), Failure> {
    for request in requests {
        client::send(&mut router, request).await?;
        // As a server would between two requests of a connection.
        tokio::task::yield_now().await;
    }
    Ok(())
}

fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_not_moved_by_outliers() {
        assert_eq!(median(vec![9.0, 1.0, 1.1]), 1.1);
    }
}
