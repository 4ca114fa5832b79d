import { isIPv4, isIPv6 } from "node:net";

interface Address {
  bits: 32 | 128;
  value: bigint;
}

const octets = (text: string): bigint => text.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);

/** `::ffff:192.0.2.1` with its last 32 bits as two groups. */
const hexadecimal = (text: string): string =>
  text.replace(
    /[^:]+\.[^:]+$/u,
    (tail) => `${(octets(tail) >> 16n).toString(16)}:${(octets(tail) & 0xffffn).toString(16)}`,
  );

const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));

/** `::` stands for as many zeros as are missing. */
const sixteenBytes = (text: string): bigint => {
  const sides = hexadecimal(text).split("::").map(groups);
  const zeros = Array.from({ length: 8 - sides.flat().length }, () => "0");
  const all = sides.flatMap((side, index) => (index === 0 ? side : [...zeros, ...side]));
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
};

const addressOf = (text: string): Address | null => {
  if (isIPv4(text)) return { bits: 32, value: octets(text) };
  return isIPv6(text) && !text.includes("%") ? { bits: 128, value: sixteenBytes(text) } : null;
};

/** Whether an address lies in a range; `null` for what is no address. */
export type IpRange = (address: string) => boolean | null;

/**
 * A range in CIDR form, IPv4 or IPv6; without a prefix length, that one address. `null`: no such form.
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "IP address condition operators" (RFC 4632).
 */
export const ipRange = (text: string): IpRange | null => {
  const [, start = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/u.exec(text) ?? [];
  const first = addressOf(start);
  if (first === null || Number(length ?? 0) > first.bits) return null;
  const hostBits = BigInt(first.bits - Number(length ?? first.bits));
  return (candidate) => {
    const address = addressOf(candidate);
    if (address === null) return null;
    return address.bits === first.bits && address.value >> hostBits === first.value >> hostBits;
  };
};
