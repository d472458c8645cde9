/* Addresses typed by people: one a line, or with commas, spaces and semicolons between. */

/** The addresses in the order they were typed, each once. */
export function splitTargets(text: string): string[] {
  return [
    ...new Set(
      text
        .split(/[\s,;]+/)
        .map((part) => part.replace(/^<|>$/g, ''))
        .filter(Boolean),
    ),
  ];
}

/** The first that cannot be an e-mail address. The server checks for certain. */
export function badTarget(targets: readonly string[]): string | undefined {
  return targets.find((target) => !/^[^@\s]+@[^@\s]+\.[^@\s.]+$/.test(target));
}
