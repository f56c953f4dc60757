// A department's sign-in, by panva's oidc-provider. The task comes on standard input;
// the issuer goes out in one line, and it serves until its standard input ends.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const lines = createInterface({ input: process.stdin });
const task = JSON.parse(await new Promise((resolve) => lines.once('line', resolve)));
lines.once('close', () => process.exit(0));
console.warn = console.info = () => {};

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const { privateKey } = await generateKeyPair(task.algorithm, { extractable: true });
const key = { ...(await exportJWK(privateKey)), alg: task.algorithm, use: 'sig', kid: 'one' };

const provider = new Provider(issuer, {
  jwks: { keys: [key] },
  clients: [
    {
      client_id: task.client_id,
      redirect_uris: [task.redirect_uri],
      post_logout_redirect_uris: [task.post_logout_redirect_uri],
      id_token_signed_response_alg: task.algorithm,
      ...task.client,
    },
  ],
  claims: { openid: ['sub', 'employee'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: task.in_userinfo,
  // Cookies know no ports: the two departments share a host here.
  cookies: {
    keys: ['for tests only'],
    names: {
      session: `${task.name}-session`,
      interaction: `${task.name}-interaction`,
      resume: `${task.name}-resume`,
    },
  },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      // Its own page asks another host for a font.
      logoutSource(ctx, form) {
        ctx.body = `<!DOCTYPE html><html lang="en"><title>${task.name}</title>${form}
<button form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button></html>`;
      },
    },
  },
  findAccount: (_, id) =>
    id in task.accounts
      ? { accountId: id, claims: async () => ({ sub: id, ...task.accounts[id] }) }
      : undefined,
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
  ttl: { Session: 3600, Interaction: 600, Grant: 600, AccessToken: 60, IdToken: 300 },
});

const PAGE = `<!DOCTYPE html><html lang="en"><title>${task.name}</title>
<form method="post"><label>Who are you? <input name="login"></label>
<button>Sign in</button></form></html>`;

async function signIn(request, response) {
  if (request.method !== 'POST') {
    response.setHeader('content-type', 'text/html');
    response.end(PAGE);
    return;
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const accountId = new URLSearchParams(body).get('login');
  await provider.interactionFinished(request, response, { login: { accountId } });
}

const answer = provider.callback();
server.on('request', (request, response) =>
  request.url.startsWith('/interaction/') ? signIn(request, response) : answer(request, response),
);
console.log(issuer);
