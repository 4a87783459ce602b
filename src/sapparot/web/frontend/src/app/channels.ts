// Where one's network takes text messages: asked for while there is a network, known without one.
import { asked, kept } from "./asking";

export interface Channel {
  kind: "sms" | "line";
  /** A telephone number, or the name of a LINE account with its @. */
  to: string;
}

const NAME = "text-channels";

export async function fetchChannels(person: string): Promise<Channel[]> {
  return (await asked<{ channels: Channel[] }>(person, NAME, "/v1/me/text-channels")).value.channels;
}

/** Those that this phone knows, without asking. */
export async function channelsOf(person: string): Promise<Channel[]> {
  return (await kept<{ channels: Channel[] }>(person, NAME))?.value.channels ?? [];
}
