//! An ordinary function: GET /contacts/{id} from DynamoDB, with the defaults of `lambda_http` and of AWS's SDK.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::{Body, Error, Request, RequestExt, Response, run, service_fn, tracing};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let client = Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await);
    let table = std::env::var("TABLE_NAME")?;
    run(service_fn(|request| get_contact(&client, &table, request))).await
}

async fn get_contact(client: &Client, table: &str, request: Request) -> Result<Response<Body>, Error> {
    let parameters = request.path_parameters();
    let Some(id) = parameters.first("id") else { return answer(400, &serde_json::json!({"message": "no id"})) };
    tracing::info!(id, "fetching a contact");
    let found = client.get_item().table_name(table).key("id", AttributeValue::S(id.to_owned())).send().await?;
    match found.item {
        Some(item) => answer(200, &serde_dynamo::from_item(item)?),
        None => answer(404, &serde_json::json!({"message": "no such contact"})),
    }
}

fn answer(status: u16, body: &serde_json::Value) -> Result<Response<Body>, Error> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    Ok(response.body(body.to_string().into())?)
}
