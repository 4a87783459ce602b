// What the phone knows, as plain values. The shapes of answers follow the server's own facts.
import type { DeviceKey } from "./keys";

export interface Text {
  th: string;
  en: string;
}

export type Stage = "progress" | "final" | "official";

/**
 * A report's way: on the phone; handed to the server and not answered yet; on the server's disk with its promise; in the public log,
 * proved here; its sheet confirmed. Two ways end it: refused, or its id is used for another report.
 */
export type Way = "kept" | "sent" | "accepted" | "logged" | "confirmed" | "refused" | "conflict";

export interface Photograph {
  role: string;
  page?: number;
  sha256: string;
  /** The SHA-256 of the small copy that goes before it. */
  small?: string;
}

/** What a volunteer says about a sheet; the shell adds who, when and in which order. */
export interface ReportDraft {
  sheet: string;
  stage: Stage;
  votes: Record<string, number>;
  valid?: number;
  spoiled?: number;
  no_vote?: number;
  ballots_cast?: number;
  eligible?: number;
  evidence?: Photograph[];
  replaces?: string;
  /** Why a figure fell. */
  reason?: "misheard" | "slip" | "recount";
  observed_at?: string;
}

/** A problem as the server says it (RFC 9457), or as the phone found it. */
export interface Trouble {
  code: string;
  title: Text;
  detail?: Text;
  status?: number;
}

/** A report on this phone: its bytes never change, its way does. */
export interface Kept {
  /** The report's own id; of one that is carried the hash of its bytes, so that forged bytes under an id keep the true ones not out. */
  id: string;
  /** Of one that is carried: the id that its bytes say. */
  said_id?: string;
  /** The compact JWS, signed once. */
  jws: string;
  kid: string;
  /** The person of this phone who made it; empty for a report that is carried for somebody else. */
  person: string;
  election: string;
  sheet: string;
  stage: Stage;
  draft: ReportDraft;
  seq: number;
  way: Way;
  made_at: number;
  moved_at: number;
  tries: number;
  /** Not before this moment (milliseconds) is it sent again. */
  next_at: number;
  /** The server said how long to wait: not even a new network shortens that. */
  told_to_wait?: boolean;
  promise?: unknown;
  trouble?: Trouble | undefined;
  /** The last thing that was seen of its sheet's state. */
  state?: string;
  /** When the person last opened it as a text message; whether it was sent then, only the answer tells. */
  texted_at?: number;
  /** The report that took its place after a conflict. */
  again?: string;
}

/** A receipt that was proved on this phone. */
export interface Proved {
  id: string;
  receipt: string;
  index: number;
  log: string;
  fingerprint: string;
  /** With the quorum of the log's policy, or with the log's own signature alone. */
  verdict: "holds" | "alone";
  /** Cosigners whose signature this phone verified, and how many the policy names: 0 when nobody is asked. */
  cosigners: number;
  /** Absent in what earlier versions of the app kept, whose `cosigners` nobody verified. */
  all?: number;
  network: Text;
  proved_at: number;
  /** When and how often the receipt was asked for again, while its quorum is not reached. */
  next_at?: number;
  tries?: number;
}

/** A person on this phone, with the key that signs for them and the token that carries. */
export interface Profile {
  person: string;
  network: string;
  network_name: Text;
  name: string;
  /** Of the person; the key may have been enrolled at a lower one. */
  level: number;
  enrolled?: number;
  kid: string;
  keys: CryptoKeyPair;
  seq: number;
  /** Null until the device is enrolled, or when it was revoked. */
  token: string | null;
  until: string | null;
  trained: boolean;
  revoked: boolean;
  /** The key that takes the place of this one as soon as it is enrolled. */
  next?: DeviceKey | undefined;
  /** Whole hundredths of a degree, from the last check-in; never more exact. */
  place?: [number, number];
}

export interface Option {
  number: number;
  name: Text;
  party: string | null;
  short: Text | null;
  color: string | null;
}

export interface Sheet {
  sheet: string;
  ballot: string;
  name: Text;
  options: Option[];
  forms: { code: string; pages: number; name: Text | null }[];
}

/** What the phone needs of one station, so that it can count without a network (docs/formats/sheets.md). */
export interface StationKit {
  v: 1;
  election: string;
  name: Text;
  date: string;
  opens_at: string;
  closes_at: string;
  station: { code: string; kind: string; eligible: number | null; lat: number | null; lon: number | null };
  areas: { code: string; kind: string; name: Text }[];
  sheets: Sheet[];
}

/** A kit as this phone keeps it. */
export interface KeptKit {
  station: string;
  kit: StationKit;
  kept_at: number;
}

export interface Duty {
  id: number;
  election: string;
  /** Code of the station or constituency. */
  place: string;
  job: string;
  state: string;
  since: string;
  /** When the person should have checked in and had not. */
  missed_at: string | null;
}

/** A small request that waits for a network: a check-in, an answer of the quiz. */
export interface Errand {
  id: string;
  person: string;
  kind: "check-in" | "training" | "drop";
  path: string;
  body: unknown;
  made_at: number;
  tries: number;
  /** When it was tried last. */
  moved_at?: number;
  next_at: number;
  done: boolean;
  trouble?: Trouble | undefined;
}

export interface Desk {
  person: string;
  network: string;
  level: number;
  settings: { spoken: boolean; haptic: boolean };
  /** Signs once and stores the bytes durably; resolves only then. Throws AppProblem. */
  report(draft: ReportDraft): Promise<Kept>;
  /** The newest own report of a sheet and stage, whatever became of it. */
  newest(sheet: string, stage: Stage): Promise<Kept | null>;
  /** Asks for a sending round soon. */
  send(): void;
}

/** What whoever sends may use. */
export interface Access {
  token(person: string): Promise<string | null>;
  signal: AbortSignal;
  /** True when the network costs money by the byte: originals of photographs then wait. */
  metered(): boolean;
}

/** Something this phone cannot do, said so that a person knows what to do next. */
export class AppProblem extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.code);
  }
}
