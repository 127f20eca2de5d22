/** A text that only its subscription opens; see the contracts' `SecretBox`. */
type Sealed = string;

/** What an endpoint is trusted by, and what it is shown; PEM. */
export interface EndpointTls {
  /** Authorities in place of the system's. */
  readonly ca?: string;
  /** The client's certificate and those it leads to. */
  readonly certificate?: string;
  /** The certificate's private key. */
  readonly sealed?: Sealed;
}

/** How a client of OAuth 2.0 gets its tokens (RFC 6749 §4.4). */
export interface ClientCredentials {
  readonly type: 'oauth2-client-credentials';
  readonly tokenUrl: string;
  readonly clientId: string;
  /** How the client shows who it is at the token URL, RFC 6749 §2.3.1. */
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post';
  readonly scope?: string;
  /** Not of the RFC, but asked for by many servers. */
  readonly audience?: string;
  /** The client secret. */
  readonly sealed: Sealed;
}

/** How requests show whom they come from. */
export type EndpointAuth =
  /** `sealed`: the password. */
  | { readonly type: 'basic'; readonly username: string; readonly sealed: Sealed }
  /** `sealed`: the token. */
  | { readonly type: 'bearer'; readonly sealed: Sealed }
  /** `sealed`: the value of the header. */
  | { readonly type: 'header'; readonly name: string; readonly sealed: Sealed }
  | ClientCredentials;
