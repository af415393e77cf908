//! What someone would write by hand for one application: a cookie, a struct, one blob for each
//! session, the raw client. It knows its data when it is compiled, hashes no ID, notices no lost
//! update, and forbids no cache to keep a token.

mod memory;
mod redis;
mod sqlite;

use std::path::Path;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, StatusCode, header::COOKIE, header::SET_COOKIE},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{TryRng as _, rngs::SysRng};
use serde::{Deserialize, Serialize};

use crate::{Failure, sample};

type Id = [u8; 32];
type Answer<T> = Result<T, StatusCode>;

/// The raw client, in three calls.
trait Raw: Clone + Send + Sync + 'static {
    type Blob: AsRef<[u8]> + Send + Sync;

    fn load(&self, id: &Id) -> impl Future<Output = Answer<Option<Self::Blob>>> + Send;
    fn replace(&self, id: &Id, blob: Vec<u8>) -> impl Future<Output = Answer<()>> + Send;
    fn create(&self, id: &Id, blob: Vec<u8>) -> impl Future<Output = Answer<()>> + Send;
}

/// What a session holds. The texts stay where they lie in the blob.
#[derive(Default, Serialize, Deserialize)]
struct Data<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    mail: Option<&'a str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    lang: Option<&'a str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    zone: Option<&'a str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    csrf: Option<&'a str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    back: Option<&'a str>,
    seen: u32,
}

pub(super) fn memory() -> Router {
    router(memory::Cache::new())
}

pub(super) async fn sqlite(file: &Path) -> Result<Router, Failure> {
    Ok(router(sqlite::Table::open(file).await?))
}

pub(super) async fn redis(url: &str) -> Result<Router, Failure> {
    Ok(router(redis::Line::open(url).await?))
}

fn router<R: Raw>(raw: R) -> Router {
    Router::new()
        .route("/seed", get(seed::<R>))
        .route("/read", get(read::<R>))
        .route("/write", get(write::<R>))
        .route("/seen", get(seen::<R>))
        .route("/new", get(new::<R>))
        .with_state(raw)
}

async fn seed<R: Raw>(State(raw): State<R>) -> Answer<[(HeaderName, String); 1]> {
    let [user, name, mail, lang, zone, csrf, back] = sample::TEXTS.map(|(_, text)| Some(text));
    let data = Data {
        user,
        name,
        mail,
        lang,
        zone,
        csrf,
        back,
        seen: sample::next_number(),
    };
    Ok([create(&raw, &data).await?])
}

async fn read<R: Raw>(State(raw): State<R>, request: Request) -> Answer<String> {
    let (_, blob) = find(&raw, id(&request)).await?;
    let text = decode(&blob)?.lang.unwrap_or_default();
    Ok(text.to_owned())
}

async fn write<R: Raw>(State(raw): State<R>, request: Request) -> Answer<String> {
    let (id, blob) = find(&raw, id(&request)).await?;
    let number = sample::next_number();
    let mut data = decode(&blob)?;
    data.seen = number;
    raw.replace(&id, encode(&data)?).await?;
    Ok(number.to_string())
}

async fn seen<R: Raw>(State(raw): State<R>, request: Request) -> Answer<String> {
    let (_, blob) = find(&raw, id(&request)).await?;
    Ok(decode(&blob)?.seen.to_string())
}

async fn new<R: Raw>(State(raw): State<R>) -> Answer<([(HeaderName, String); 1], String)> {
    let data = Data {
        seen: sample::next_number(),
        ..Data::default()
    };
    let cookie = create(&raw, &data).await?;
    Ok(([cookie], data.seen.to_string()))
}

async fn create(raw: &impl Raw, data: &Data<'_>) -> Answer<(HeaderName, String)> {
    let mut id = [0; 32];
    SysRng.try_fill_bytes(&mut id).map_err(failed)?;
    raw.create(&id, encode(data)?).await?;
    let text = URL_SAFE_NO_PAD.encode(id);
    let cookie = format!("__Host-id={text}; Path=/; Secure; HttpOnly; SameSite=Lax");
    Ok((SET_COOKIE, cookie))
}

async fn find<R: Raw>(raw: &R, id: Option<Id>) -> Answer<(Id, R::Blob)> {
    let id = id.ok_or(StatusCode::UNAUTHORIZED)?;
    let blob = raw.load(&id).await?;
    Ok((id, blob.ok_or(StatusCode::UNAUTHORIZED)?))
}

fn id(request: &Request) -> Option<Id> {
    let cookies = request.headers().get(COOKIE)?.to_str().ok()?;
    let mut pairs = cookies.split("; ");
    let text = pairs.find_map(|pair| pair.strip_prefix("__Host-id="))?;
    // The decoder asks for room in whole groups of three bytes.
    let mut room = [0; 33];
    let length = URL_SAFE_NO_PAD.decode_slice(text, &mut room).ok()?;
    room.get(..length)?.try_into().ok()
}

fn decode(blob: &impl AsRef<[u8]>) -> Answer<Data<'_>> {
    rmp_serde::from_slice(blob.as_ref()).map_err(failed)
}

fn encode(data: &Data<'_>) -> Answer<Vec<u8>> {
    rmp_serde::to_vec_named(data).map_err(failed)
}

fn failed<E>(_: E) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}
