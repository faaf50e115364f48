//! The REST door and the web client: routes, errors, middleware, assets.
