// Two OpenID providers with the same keys, on free ports of this machine.
// Reads {"jwks": ..., "clients": [...]} from stdin; prints both issuers as JSON.
// A token is made for whatever resource it is asked for; the client called "curve"
// gets tokens signed by ES256.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import Provider from "oidc-provider";

const given = JSON.parse(await text(process.stdin));

const resourceServer = (_context, resource, client) => ({
  scope: "read write other",
  audience: resource,
  accessTokenFormat: "jwt",
  accessTokenTTL: 600,
  jwt: { sign: { alg: client.clientId === "curve" ? "ES256" : "RS256" } },
});

async function started() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: given.clients.map(([client_id, client_secret]) => ({
      client_id,
      client_secret,
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    })),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: true, getResourceServerInfo: resourceServer },
    },
    jwks: given.jwks,
  });
  server.on("request", provider.callback());
  return issuer;
}

console.log(JSON.stringify([await started(), await started()]));
