/** Passkeys: what the browser is asked and what it answers, between JSON and the bytes WebAuthn takes. */

type Json = Record<string, unknown>;
interface Descriptor { id: string; type: 'public-key'; transports?: AuthenticatorTransport[] }

/** Whether this page may use passkeys: the browser knows them, and the address is a name. */
export const hasPasskeys = () =>
  'PublicKeyCredential' in window && isSecureContext && !/^[\d.]+$|:/.test(location.hostname);

const bytes = (text: string) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
const base64url = (buffer: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const descriptors = (given: unknown) => ((given ?? []) as Descriptor[]).map((each) => ({ ...each, id: bytes(each.id) }));

/** Makes a passkey; throws where the person gave up or the device refused. */
export async function makePasskey(options: unknown): Promise<Json> {
  const asked = options as Json & { challenge: string; user: Json & { id: string } };
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    user: { ...asked.user, id: bytes(asked.user.id) },
    excludeCredentials: descriptors(asked.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return answered(made, { attestationObject: base64url(response.attestationObject), transports: response.getTransports() });
}

/** Signs with a passkey; throws where the person gave up or none is here. */
export async function signWithPasskey(options: unknown): Promise<Json> {
  const asked = options as Json & { challenge: string };
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    allowCredentials: descriptors(asked.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
  const made = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAssertionResponse;
  return answered(made, {
    authenticatorData: base64url(response.authenticatorData),
    signature: base64url(response.signature),
    userHandle: response.userHandle && base64url(response.userHandle),
  });
}

const answered = (made: PublicKeyCredential, response: Json): Json => ({
  id: made.id,
  rawId: base64url(made.rawId),
  type: made.type,
  response: { ...response, clientDataJSON: base64url(made.response.clientDataJSON) },
});
