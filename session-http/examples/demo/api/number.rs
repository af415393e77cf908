//! Numbers as JSON has them.

use serde_json::{Number, Value};

/// The number after this value, 1 after none. `None` if it is not a number, or the greatest one.
pub(super) fn after(value: Option<Value>) -> Option<Value> {
    let number = match value {
        None => return Some(Value::from(1)),
        Some(Value::Number(number)) => number,
        Some(_) => return None,
    };
    if let Some(number) = number.as_i64() {
        // Past the greatest i64 there are as many again without a sign.
        return match number.checked_add(1) {
            Some(next) => Some(next.into()),
            None => Some((number.unsigned_abs() + 1).into()),
        };
    }
    match number.as_u64() {
        Some(number) => number.checked_add(1).map(Value::from),
        None => Number::from_f64(number.as_f64()? + 1.0).map(Value::Number),
    }
}
