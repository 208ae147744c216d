//! The flat functions of the forward engine, under the names that the SDK page gives them.
