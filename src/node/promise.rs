//! A Promise that always settles: also when its task ends because the runtime was shut down.

use loopwire_runtime::{Failure, Outcome, Runtime};
use napi::JsDeferred;
use napi::bindgen_prelude::*;

use super::errors::error;

/// What a Promise resolves to, made on the environment's own thread.
type Resolve<T> = Box<dyn FnOnce(Env) -> Result<T> + Send>;

/// The native end of a Promise.
pub(crate) struct Answer<T: ToNapiValue + 'static> {
    deferred: Option<JsDeferred<T, Resolve<T>>>,
    /// What it resolves to if no answer is given, because the runtime was shut down meanwhile.
    otherwise: Option<Resolve<T>>,
}

impl<T: ToNapiValue + 'static> Answer<T> {
    /// A Promise and its native end.
    pub(crate) fn promise<'env>(
        env: &'env Env,
        otherwise: impl FnOnce(Env) -> Result<T> + Send + 'static,
    ) -> Result<(Self, Object<'env>)> {
        let (deferred, promise) = env.create_deferred()?;
        let answer = Self {
            deferred: Some(deferred),
            otherwise: Some(Box::new(otherwise)),
        };
        Ok((answer, promise))
    }

    pub(crate) fn give(mut self, resolve: impl FnOnce(Env) -> Result<T> + Send + 'static) {
        if let Some(deferred) = self.deferred.take() {
            deferred.resolve(Box::new(resolve));
        }
    }
}

impl<T: ToNapiValue + 'static> Drop for Answer<T> {
    fn drop(&mut self) {
        if let (Some(deferred), Some(otherwise)) = (self.deferred.take(), self.otherwise.take()) {
            deferred.resolve(otherwise);
        }
    }
}

/// A Promise of the result of `work`; it rejects with the failure's `code`.
pub(crate) fn promised<'env, T: ToNapiValue + Send + 'static>(
    env: &'env Env,
    runtime: &Runtime,
    work: impl Future<Output = Outcome<T>> + Send + 'static,
) -> Result<Object<'env>> {
    let settle = |outcome: Outcome<T>| {
        move |env: Env| match outcome {
            Ok(value) => Ok(value),
            Err(failure) => Err(Error::from(error(&env, &failure)?.to_unknown())),
        }
    };
    let over = Err(Failure::shut_down());
    let (answer, promise) = Answer::promise(env, settle(over))?;
    runtime.spawn(async move { answer.give(settle(work.await)) });
    Ok(promise)
}
