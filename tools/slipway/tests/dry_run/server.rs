//! A small HTTP server that remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// An answer.
pub struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    pub fn json(status: u16, body: &str) -> Self {
        Self::bytes(status, body.as_bytes().to_vec())
    }

    pub fn bytes(status: u16, body: Vec<u8>) -> Self {
        let length = if status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        let head = format!("HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\nconnection: close\r\n{length}");
        Self { head, body }
    }

    pub fn with(mut self, header: &str) -> Self {
        self.head = format!("{}{header}\r\n", self.head);
        self
    }

    /// None at all: the connection stays open.
    pub const fn never() -> Self {
        Self { head: String::new(), body: Vec::new() }
    }
}

/// It ends with the program of the test.
pub struct Server {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers by `METHOD /path?query`.
    pub fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, heard) = (Arc::new(answer), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answer, heard) = (Arc::clone(&answer), Arc::clone(&heard));
                thread::spawn(move || serve(stream, &*answer, &heard));
            }
        });
        Self { address, requests }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far, in their order.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, answer: &dyn Fn(&str) -> Answer, heard: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let Some(request) = read(&mut reader) else { return };
    heard.lock().unwrap().push(request.clone());
    let Answer { head, body } = answer(&request);
    let mut stream = reader.into_inner();
    if head.is_empty() {
        // Until the client has gone.
        let _ = stream.read(&mut [0]);
        return;
    }
    // A client that has gone is none of the server's business.
    let _ = stream.write_all(format!("{head}\r\n").as_bytes()).and_then(|()| stream.write_all(&body));
}

/// The method and the path of a request, which is read to its end; none if the client has gone.
fn read(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let (mut first, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if first.is_empty() {
            first.clone_from(&line);
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    Some(first.rsplit_once(" HTTP/")?.0.to_owned())
}
