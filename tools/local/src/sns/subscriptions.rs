//! The operations on subscriptions.

use std::sync::Arc;

use serde_json::{Value, json};

use super::delivery::{self, Post};
use super::delivery_policy::DeliveryPolicy;
use super::errors::{invalid, no_topic, not_found};
use super::names;
use super::state::Sns;
use super::subscription::{Subscription, checked_endpoint};
use crate::core::{Arn, Input, Principal, Reply, Request, ServiceError};
use crate::operations::Operation;

/// The length of a token, in characters.
const TOKEN: usize = 288;

type Op = Operation<Sns>;

/// The operations on subscriptions.
pub(super) const OPERATIONS: &[Op] = &[
    Op::now("Subscribe", "TopicArn Protocol Endpoint Attributes ReturnSubscriptionArn", |sns, request| {
        sns.subscribe(request)
    })
    .on("{TopicArn}")
    .asking(|_, input| {
        let key = |key: &str, member| Some((key.to_owned(), vec![input.opt_str(member)?.to_owned()]));
        [key("sns:Protocol", "Protocol"), key("sns:Endpoint", "Endpoint")].into_iter().flatten().collect()
    }),
    Op::now("ConfirmSubscription", "TopicArn Token AuthenticateOnUnsubscribe", |sns, request| sns.confirm(request))
        .on("{TopicArn}"),
    Op::now("Unsubscribe", "SubscriptionArn", |sns, request| sns.unsubscribe(request)).by_secret(),
    Op::now("ListSubscriptions", "NextToken", |sns, request| {
        let topics = sns.topics();
        let all = topics.values().flat_map(|topic| topic.subscriptions.values());
        let mut found: Vec<_> = all.map(|subscription| (subscription.arn.clone(), subscription.listed())).collect();
        // The order of topics is not the order of what begins with their ARNs: `a-b` comes before `a:`.
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        names::page(&found, &request.input, "Subscriptions", "ListSubscriptions")
    }),
    Op::now("ListSubscriptionsByTopic", "TopicArn NextToken", |sns, request| {
        sns.with_topic(&request.input, |topic| {
            let all = topic.subscriptions.values();
            let found: Vec<_> = all.map(|subscription| (subscription.arn.clone(), subscription.listed())).collect();
            names::page(&found, &request.input, "Subscriptions", &format!("ListSubscriptionsByTopic {}", topic.arn))
        })
    })
    .on("{TopicArn}"),
    Op::now("GetSubscriptionAttributes", "SubscriptionArn", |sns, request| {
        sns.with_subscription(&request.input, |subscription, topic| {
            Ok(json!({ "Attributes": subscription.attributes(topic) }))
        })
    }),
    Op::now("SetSubscriptionAttributes", "SubscriptionArn AttributeName AttributeValue", |sns, request| {
        let (name, value) = (request.input.str("AttributeName")?, request.input.opt_str("AttributeValue"));
        sns.with_subscription(&request.input, |subscription, _| {
            // A change that is refused leaves the subscription as it was.
            let mut changed = subscription.clone();
            changed.set(name, value.unwrap_or_default())?;
            *subscription = changed;
            Ok(Value::Null)
        })
    }),
];

impl Sns {
    fn with_subscription(&self, input: &Input, act: impl FnOnce(&mut Subscription, &DeliveryPolicy) -> Reply) -> Reply {
        let arn = names::arn(input, "SubscriptionArn")?;
        let mut topics = self.topics();
        for topic in topics.values_mut() {
            if let Some(subscription) = topic.subscriptions.get_mut(arn) {
                return act(subscription, &topic.delivery);
            }
        }
        Err(not_found("Subscription does not exist"))
    }

    /// A subscription that is there already is answered, if it is as the request wants it; an endpoint that has not
    /// confirmed yet is asked again.
    fn subscribe(&self, request: &Request) -> Reply {
        let input = &request.input;
        let topic_arn = names::arn(input, "TopicArn")?;
        let (protocol, endpoint) = (input.str("Protocol")?, input.opt_str("Endpoint").unwrap_or_default());
        if !self.topics().contains_key(topic_arn) {
            return Err(no_topic());
        }
        checked_endpoint(protocol, endpoint)?;
        let attributes = names::texts(input, "Attributes");
        let principal = request.caller.arn(&self.hub.identity.account);
        let arn = format!("{topic_arn}:{}", self.hub.ids.uuid());
        let mut created = Subscription::new(arn, topic_arn, protocol, endpoint, principal);
        created.create(&attributes)?;
        created.token = self.hub.ids.hex(TOKEN);
        let subscription = {
            let mut topics = self.topics();
            let topic = topics.get_mut(topic_arn).ok_or_else(no_topic)?;
            let known = topic.subscriptions.values_mut().find(|s| s.protocol == protocol && s.endpoint == endpoint);
            match known {
                Some(known) if !known.has(&attributes)? => {
                    return Err(invalid("Attributes Reason: Subscription already exists with different attributes"));
                }
                Some(known) => known.clone(),
                None => {
                    topic.subscriptions.insert(created.arn.clone(), created.clone());
                    created
                }
            }
        };
        let (confirmed, arn) = (subscription.confirmed, subscription.arn.clone());
        if !confirmed {
            self.ask(subscription);
        }
        let shown = confirmed || input.opt_bool("ReturnSubscriptionArn") == Some(true);
        Ok(json!({ "SubscriptionArn": if shown { arn.as_str() } else { "pending confirmation" } }))
    }

    /// Asks an endpoint to confirm.
    fn ask(&self, subscription: Subscription) {
        let hub = Arc::clone(&self.hub);
        if subscription.protocol.starts_with("http") {
            let post = Post::confirmation(&hub, &subscription);
            self.post(post, subscription);
        } else {
            tokio::spawn(delivery::ask_by_mail(hub, subscription));
        }
    }

    fn post(&self, post: Post, subscription: Subscription) {
        let (hub, client) = (Arc::clone(&self.hub), self.client.clone());
        tokio::spawn(async move {
            post.send(&hub, &client, &subscription.endpoint, &DeliveryPolicy::default()).await;
        });
    }

    /// The token decides, whoever shows it. One that has confirmed already does so again.
    fn confirm(&self, request: &Request) -> Reply {
        let input = &request.input;
        let here = Arn::parse(input.str("TopicArn")?).is_some_and(|arn| arn.region == self.hub.identity.region);
        if !here {
            return Err(invalid("Topic"));
        }
        let token = input.str("Token")?;
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ServiceError::new("InvalidParameter", "Invalid token"));
        }
        let owned = input.opt_str("AuthenticateOnUnsubscribe").is_some_and(|text| text.eq_ignore_ascii_case("true"));
        let signed = request.caller.principal != Principal::Anonymous;
        let mut topics = self.topics();
        for topic in topics.values_mut() {
            if let Some(restored) = topic.gone.remove(token) {
                topic.subscriptions.insert(restored.arn.clone(), restored);
            }
            if let Some(found) = topic.subscriptions.values_mut().find(|s| s.token == token) {
                (found.confirmed, found.authenticated) = (true, signed);
                found.owned |= owned && signed;
                return Ok(json!({ "SubscriptionArn": found.arn }));
            }
        }
        Err(invalid("Token"))
    }

    fn unsubscribe(&self, request: &Request) -> Reply {
        let input = &request.input;
        if input.str("SubscriptionArn")?.is_empty() {
            return Err(invalid("SubscriptionArn Reason: no value for required parameter"));
        }
        let arn = names::arn(input, "SubscriptionArn")?;
        if arn.split(':').count() < 7 {
            return Err(invalid("SubscriptionId"));
        }
        let removed = {
            let mut topics = self.topics();
            let Some(topic) = topics.values_mut().find(|topic| topic.subscriptions.contains_key(arn)) else {
                return Ok(Value::Null);
            };
            let owned = topic.subscriptions.get(arn).is_some_and(|subscription| subscription.owned);
            if owned && request.caller.principal == Principal::Anonymous {
                return Err(ServiceError::new("AuthorizationError", "Invalid user").with_status(403));
            }
            let Some(mut removed) = topic.subscriptions.remove(arn) else { return Ok(Value::Null) };
            topic.deleted += 1;
            removed.token = self.hub.ids.hex(TOKEN);
            topic.gone.insert(removed.token.clone(), removed.clone());
            removed
        };
        if removed.confirmed && removed.protocol.starts_with("http") {
            self.post(Post::farewell(&self.hub, &removed), removed);
        }
        Ok(Value::Null)
    }
}
