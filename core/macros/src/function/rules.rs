//! What a function must be like to be cached.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned as _;
use syn::{Error, ItemFn, ReceiverKind, Result, Safety, Signature, TraitItemFn, Type, parse2};

use crate::options::Options;

/// Why something is no function with a body.
pub(super) fn no_function(item: TokenStream, options: &Options) -> Error {
    let name = options.attribute.name();
    let span = item.span();
    let message = if parse2::<TraitItemFn>(item).is_ok() {
        format!("`#[{name}]` needs a body to cache; put it on the function that has one")
    } else {
        format!("`#[{name}]` goes on an `async fn`")
    };
    Error::new(span, message)
}

pub(super) fn check_function(item: &ItemFn, options: &Options) -> Result<()> {
    let signature = &item.sig;
    item.modifiers.require_empty()?;
    if let Some(refused) = refused(signature) {
        return Err(refused);
    }
    if signature.asyncness.is_none() {
        return Err(not_async(signature));
    }
    check_receiver(signature, options)?;
    match options.detached {
        Some(_) => check_detached(signature),
        None => Ok(()),
    }
}

pub(super) fn check_helpers(in_impl: bool, item: &ItemFn, options: &Options) -> Result<()> {
    let Some(span) = options.no_helpers else { return Ok(()) };
    if in_impl {
        return Ok(());
    }
    let message = format!(
        "`no_helpers` is for functions of an `impl`; the helpers of `{0}` are under `{0}::` and in \
         nobody's way (if `{0}` is in an `impl`, say `associated` too)",
        item.sig.ident
    );
    Err(Error::new(span, message))
}

fn refused(signature: &Signature) -> Option<Error> {
    if let Safety::Unsafe(token) = &signature.safety {
        let message = "an `unsafe` function cannot be cached: a hit would skip what its caller \
                       vouches for; put the `unsafe` block inside of a safe function";
        return Some(Error::new(token.span, message));
    }
    if let Some(abi) = &signature.abi {
        let message =
            "an `extern` function cannot be cached; cache a plain `async fn` that calls it";
        return Some(Error::new(abi.span(), message));
    }
    signature.constness.map(|token| {
        let message = "a `const fn` needs no cache; take the attribute off";
        Error::new(token.span, message)
    })
}

fn not_async(signature: &Signature) -> Error {
    let message = format!(
        "only an `async fn` can be cached, because callers wait for whoever creates the value; write \
         `async fn {}` (with `#[async_trait]`, cache an inherent method and call it from the trait's)",
        signature.ident
    );
    Error::new(signature.fn_token.span, message)
}

fn check_receiver(signature: &Signature, options: &Options) -> Result<()> {
    let Some(receiver) = signature.receiver() else { return Ok(()) };
    let changes = match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
        ReceiverKind::Typed(_, ty) => {
            matches!(&**ty, Type::Reference(ty) if ty.mutability.is_some())
        }
        _ => false,
    };
    if changes {
        let message =
            "a cached method cannot change its `self`: a hit does not run it; take `&self`";
        return Err(Error::new(receiver.span(), message));
    }
    if options.key.is_none() && !options.skip.iter().any(|skipped| skipped == "self") {
        let message = "say what `self` means to the key: `key = (self.tenant, id)` if the value \
                       depends on it, `skip(self)` if it does not";
        return Err(Error::new(receiver.span(), message));
    }
    Ok(())
}

fn check_detached(signature: &Signature) -> Result<()> {
    for input in &signature.inputs {
        let borrowed = match input {
            syn::FnArg::Receiver(receiver) => matches!(receiver.kind, ReceiverKind::Reference(..))
                .then(|| (receiver.span(), "`self: Arc<Self>`")),
            syn::FnArg::Typed(typed) => matches!(&*typed.ty, Type::Reference(_))
                .then(|| (typed.ty.span(), "an owned value or an `Arc`")),
        };
        if let Some((span, mend)) = borrowed {
            return Err(outlives(span, mend));
        }
    }
    Ok(())
}

fn outlives(span: Span, mend: &str) -> Error {
    let message =
        format!("a `detached` creation outlives its caller and must own all it uses; take {mend}");
    Error::new(span, message)
}
