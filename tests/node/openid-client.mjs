// openid-client as an HR system uses it, unmodified; only http on loopback is allowed.
import * as client from 'openid-client'
import { noting, privateKey, reason, say, task } from './task.mjs'

const { issuer, client_id, client_secret, auth, jwk, scope } = task

const methods = {
  client_secret_basic: () => client.ClientSecretBasic(client_secret),
  client_secret_post: () => client.ClientSecretPost(client_secret),
  private_key_jwt: async () => client.PrivateKeyJwt(await privateKey(jwk)),
}

async function discovered(algorithm) {
  return client.discovery(
    new URL(issuer), client_id, undefined, await methods[auth](), {
      algorithm,
      execute: [client.allowInsecureRequests],
      [client.customFetch]: noting,
    },
  )
}

async function flow(config) {
  const pair = task.dpop ? await client.randomDPoPKeyPair() : undefined
  // A new handle knows no nonce yet, so each side has to ask for its own.
  const held = () => pair && { DPoP: client.getDPoPHandle(config, pair) }
  const granted = await client.clientCredentialsGrant(config, { scope }, held())
  const { access_token, ...rest } = granted
  const pulled = await client.fetchProtectedResource(
    config, access_token, new URL('/v1/cycles', issuer), 'GET', null, undefined, held(),
  )
  const introspected = await client.tokenIntrospection(config, access_token)
  await client.tokenRevocation(config, access_token)
  return {
    granted: rest,
    cycles: await pulled.json(),
    introspected,
    introspected_after_revocation: await client.tokenIntrospection(config, access_token),
  }
}

const configs = [await discovered('oidc'), await discovered('oauth2')]
const issuers = configs.map((config) => config.serverMetadata().issuer)
try {
  say({ issuers, ...await flow(configs[1]) })
} catch (error) {
  say({ issuers, refused: await reason(error, client) })
}
