// What both clients share: the task on standard input, a fetch that notes what was
// asked, and the answer on standard output.
import { text } from 'node:stream/consumers'

const ALGORITHMS = {
  EC: { name: 'ECDSA', namedCurve: 'P-256' },
  RSA: { name: 'RSA-PSS', hash: 'SHA-256' },
  OKP: { name: 'Ed25519' },
}

export const task = JSON.parse(await text(process.stdin))

export const requests = []

/** Fetch, and note path and status; `sent` is the last request. */
export let sent

export async function noting(url, options) {
  sent = new Request(url, { method: options.method, headers: options.headers })
  const response = await fetch(url, options)
  requests.push([new URL(url).pathname, response.status])
  return response
}

/** The client's key as WebCrypto holds it, with its id. */
export async function privateKey({ kty, crv, kid, ...jwk }) {
  const algorithm = ALGORITHMS[kty]
  const key = await crypto.subtle.importKey(
    'jwk', { kty, crv, ...jwk }, algorithm, false, ['sign'],
  )
  return { key, kid }
}

/** What the server said, of the errors by which either library tells that it refused. */
export async function reason(error, { WWWAuthenticateChallengeError, ResponseBodyError }) {
  // A wrong secret is answered with a challenge, which wins over the body.
  if (error instanceof WWWAuthenticateChallengeError) {
    return { error: (await error.response.json()).error, status: error.status }
  }
  if (error instanceof ResponseBodyError) {
    return { error: error.error, status: error.status }
  }
  throw error
}

export function say(saw) {
  console.log(JSON.stringify({ ...saw, requests }))
}
