// Passkeys: asks the browser to make one or to sign with one; everything else is the server's. Buttons without a browser that can stay hidden.

interface Problem {
  detail?: string;
  detail_th?: string;
}
type Json = Record<string, unknown>;

const thai = document.documentElement.lang === "th";
const SILENT = thai ? "ติดต่อระบบไม่ได้ โปรดลองใหม่" : "The server cannot be reached; try again";
const CANCELLED = thai ? "ยังไม่ได้ใช้พาสคีย์ ลองใหม่ได้ หรือใช้รหัสทางโทรศัพท์" : "No passkey was used. Try again, or use a code";
const KNOWN = thai ? "เครื่องนี้มีพาสคีย์ของคุณแล้ว" : "This device has a passkey of yours already";
const WAITING = thai ? "เครือข่ายยังไม่ได้อนุมัติการสมัครของคุณ" : "Your network has not approved you yet";

const bytes = (text: string): Uint8Array<ArrayBuffer> => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
};
const text = (data: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(data)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const ids = (list: { id: string; type: "public-key" }[]): PublicKeyCredentialDescriptor[] => list.map((one) => ({ ...one, id: bytes(one.id) }));

async function send<T>(path: string, said?: Json): Promise<T> {
  const asked = said ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(said) } : { method: "POST" };
  const answer = await fetch(path, asked).catch(() => Promise.reject(new Error(SILENT)));
  const body = (await answer.json().catch(() => ({}))) as T & Problem;
  if (!answer.ok) throw new Error((thai ? body.detail_th : body.detail) ?? SILENT);
  return body;
}

async function options(path: string): Promise<Json> {
  return (await send<{ publicKey: Json }>(path)).publicKey;
}

async function add(name: string): Promise<void> {
  const wanted = await options("/v1/me/passkeys/options");
  const user = wanted.user as { id: string };
  const publicKey = {
    ...wanted,
    challenge: bytes(wanted.challenge as string),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: ids(wanted.excludeCredentials as { id: string; type: "public-key" }[]),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const said = made.response as AuthenticatorAttestationResponse;
  const response = { clientDataJSON: text(said.clientDataJSON), attestationObject: text(said.attestationObject), transports: said.getTransports?.() ?? [] };
  await send("/v1/me/passkeys", { name, credential: { id: made.id, rawId: text(made.rawId), type: made.type, response } });
}

async function enter(): Promise<boolean> {
  const wanted = await options("/v1/sign-in/passkey/options");
  const publicKey = {
    ...wanted,
    challenge: bytes(wanted.challenge as string),
    allowCredentials: [],
  } as unknown as PublicKeyCredentialRequestOptions;
  const signed = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const said = signed.response as AuthenticatorAssertionResponse;
  const response = {
    clientDataJSON: text(said.clientDataJSON),
    authenticatorData: text(said.authenticatorData),
    signature: text(said.signature),
    userHandle: said.userHandle ? text(said.userHandle) : null,
  };
  const come = await send<{ state: string }>("/v1/sign-in/passkey", { credential: { id: signed.id, rawId: text(signed.rawId), type: signed.type, response } });
  return come.state === "active";
}

/** Do something; what went wrong is said beside its button. */
async function attempt(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  const said = button.parentElement!.querySelector<HTMLElement>("[data-passkey-said]")!;
  said.hidden = true;
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    const { name, message } = error as Error;
    said.textContent = name === "InvalidStateError" ? KNOWN : name === "Error" ? message : CANCELLED;
    said.hidden = false;
  }
  button.disabled = false;
}

if (window.PublicKeyCredential) {
  for (const each of document.querySelectorAll<HTMLElement>("[data-passkey], [data-passkey-add], [data-passkey-ways]")) each.hidden = false;
  for (const none of document.querySelectorAll<HTMLElement>("[data-passkey-none]")) none.hidden = true;
}
for (const form of document.querySelectorAll<HTMLFormElement>("[data-passkey-add]")) {
  const button = form.querySelector<HTMLButtonElement>("[data-passkey=add]")!;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    void attempt(button, async () => {
      await add((form.elements.namedItem("name") as HTMLInputElement).value.trim());
      location.assign(button.dataset.done!);
    });
  });
}
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-passkey=enter]")) {
  button.addEventListener("click", () =>
    void attempt(button, async () => {
      if (!(await enter())) throw new Error(WAITING);
      location.assign(button.dataset.next!);
    }),
  );
}

export {};
