// oauth4webapi as an HR system uses it, unmodified; only http on loopback is allowed.
// It also stands in for a resource server, and validates the token (RFC 9068).
import * as oauth from 'oauth4webapi'
import { noting, privateKey, reason, say, sent, task } from './task.mjs'

const { issuer, client_id, client_secret, auth, jwk, scope } = task
const client = { client_id }
const options = { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: noting }

const methods = {
  client_secret_basic: () => oauth.ClientSecretBasic(client_secret),
  client_secret_post: () => oauth.ClientSecretPost(client_secret),
  private_key_jwt: async () => oauth.PrivateKeyJwt(await privateKey(jwk)),
}

async function discovered(algorithm) {
  const at = new URL(issuer)
  const response = await oauth.discoveryRequest(at, { algorithm, ...options })
  return oauth.processDiscoveryResponse(at, response)
}

/** Do it, and once more when the server gives a nonce to do it with. */
async function withNonce(ask) {
  try {
    return await ask()
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    return ask()
  }
}

async function validated(server) {
  try {
    const audience = task.audience ?? issuer
    return await oauth.validateJwtAccessToken(server, sent, audience, options)
  } catch (error) {
    return { refused: error.code }
  }
}

async function flow(server) {
  const proof = await methods[auth]()
  const pair = task.dpop ? await oauth.generateKeyPair('ES256') : undefined
  // A new handle knows no nonce yet, so each side has to ask for its own.
  const held = () => ({ ...options, ...pair && { DPoP: oauth.DPoP(client, pair) } })

  const asking = held()
  const { access_token, ...granted } = await withNonce(async () =>
    oauth.processClientCredentialsResponse(server, client,
      await oauth.clientCredentialsGrantRequest(
        server, client, proof, new URLSearchParams({ scope }), asking,
      )))

  const pulling = held()
  const pulled = await withNonce(() => oauth.protectedResourceRequest(
    access_token, 'GET', new URL('/v1/cycles', issuer), new Headers(), null, pulling,
  ))
  const claims = await validated(server)

  const introspect = async () => oauth.processIntrospectionResponse(server, client,
    await oauth.introspectionRequest(server, client, proof, access_token, options))
  const introspected = await introspect()
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, proof, access_token, options))

  return {
    granted,
    cycles: await pulled.json(),
    validated: claims,
    introspected,
    introspected_after_revocation: await introspect(),
  }
}

const servers = [await discovered('oidc'), await discovered('oauth2')]
const issuers = servers.map((server) => server.issuer)
try {
  say({ issuers, ...await flow(servers[1]) })
} catch (error) {
  say({ issuers, refused: await reason(error, oauth) })
}
