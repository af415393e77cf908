//! A browser without a window, driven over the WebDriver protocol.

use std::{
    env,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

use super::send;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
    _profile: TempDir,
    _stdout: BufReader<ChildStdout>,
}

impl Browser {
    /// Chromium, if it and its driver are installed.
    pub(crate) async fn start() -> Option<Self> {
        let (driver, browser) = (find("chromedriver")?, find("chromium")?);
        let profile = tempfile::tempdir().unwrap();
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(driver.stdout.take().unwrap());
        let port: u16 = loop {
            let mut line = String::new();
            assert!(
                stdout.read_line(&mut line).unwrap() > 0,
                "chromedriver names no port"
            );
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim().trim_end_matches('.').parse().unwrap();
            }
        };
        let mut this = Self {
            driver,
            address: ([127, 0, 0, 1], port).into(),
            session: String::new(),
            _stdout: stdout,
            _profile: profile,
        };
        let profile = format!("--user-data-dir={}", this._profile.path().display());
        let options = json!({"binary": browser, "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--no-proxy-server", profile,
        ]});
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}});
        let begun = send(this.address, "POST /session", None, &wanted.to_string()).await;
        let id = begun.json()["value"]["sessionId"]
            .as_str()
            .map(str::to_owned);
        this.session = id.unwrap_or_else(|| panic!("no browser: {}", begun.text()));
        Some(this)
    }

    pub(crate) async fn open(&self, url: &str) {
        self.post("url", &json!({"url": url})).await;
    }

    pub(crate) async fn reload(&self) {
        self.post("refresh", &json!({})).await;
    }

    /// The text that can be seen in the first element that this selector finds.
    pub(crate) async fn text(&self, selector: &str) -> String {
        let element = self.find(selector).await;
        let text = self.get(&format!("element/{element}/text")).await;
        text.as_str().unwrap().to_owned()
    }

    /// Waits until that text is this one: a page may be on its way.
    pub(crate) async fn sees(&self, selector: &str, expected: &str) {
        let script = "const found = document.querySelector(arguments[0]);
            return document.readyState === 'complete' && found ? found.innerText.trim() : null";
        let body = json!({"script": script, "args": [selector]}).to_string();
        let call = format!("POST /session/{}/execute/sync", self.session);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = send(self.address, &call, None, &body).await;
            let seen = answer.json()["value"].clone();
            if answer.status == 200 && seen == expected {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "{selector}: {expected:?} is not {seen}"
            );
            sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn click(&self, selector: &str) {
        let element = self.find(selector).await;
        self.post(&format!("element/{element}/click"), &json!({}))
            .await;
    }

    /// Puts the focus on the element and presses Enter.
    pub(crate) async fn press_enter(&self, selector: &str) {
        let element = self.find(selector).await;
        self.post(
            &format!("element/{element}/value"),
            &json!({"text": "\u{e007}"}),
        )
        .await;
    }

    pub(crate) async fn cookies(&self) -> Vec<Value> {
        self.get("cookie").await.as_array().unwrap().clone()
    }

    /// What this script returns.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({"script": script, "args": []}))
            .await
    }

    /// Gives the page so much room, in CSS pixels.
    pub(crate) async fn resize(&self, width: u32, height: u32, phone: bool) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone,
        });
        let command = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics});
        self.post("goog/cdp/execute", &command).await;
    }

    /// The page as PNG, in base64.
    pub(crate) async fn screenshot(&self) -> String {
        self.get("screenshot").await.as_str().unwrap().to_owned()
    }

    async fn find(&self, selector: &str) -> String {
        let using = json!({"using": "css selector", "value": selector});
        let element = self.post("element", &using).await;
        let mut ids = element.as_object().unwrap().values();
        ids.next().unwrap().as_str().unwrap().to_owned()
    }

    async fn get(&self, what: &str) -> Value {
        self.call("GET", what, "").await
    }

    async fn post(&self, what: &str, body: &Value) -> Value {
        self.call("POST", what, &body.to_string()).await
    }

    async fn call(&self, method: &str, what: &str, body: &str) -> Value {
        let call = format!("{method} /session/{}/{what}", self.session);
        let answer = send(self.address, &call, None, body).await;
        assert_eq!(answer.status, 200, "{call}: {}", answer.text());
        answer.json()["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser, which would outlive its driver.
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            let end = format!(
                "DELETE /session/{} HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\n\r\n",
                self.session, self.address
            );
            drop(stream.set_read_timeout(Some(PATIENCE)));
            drop(stream.write_all(end.as_bytes()));
            // Answered once the browser has ended.
            drop(stream.read(&mut [0; 1024]));
        }
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let mut candidates = env::split_paths(&path).map(|folder| folder.join(program));
    candidates.find(|candidate| candidate.is_file())
}
