//! A Promise that is kept whatever happens: a task that ends with its runtime answers, too.

use napi::JsDeferred;
use napi::bindgen_prelude::*;

/// What a Promise resolves to, made on the environment's own thread.
type Resolve<T> = Box<dyn FnOnce(Env) -> Result<T> + Send>;

/// The native end of a Promise.
pub(crate) struct Answer<T: ToNapiValue + 'static> {
    deferred: Option<JsDeferred<T, Resolve<T>>>,
    /// What it resolves to if nobody gives an answer: the runtime was shut down meanwhile.
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
