/** The rules of `/etc/resolv.conf` for completing names. */
export interface SearchDomains {
  readonly search: readonly string[];
  /** A name with at least this many dots is first tried without completion. */
  readonly ndots: number;
}

/** Parses the lines `search`, `domain` and `options ndots:` of `/etc/resolv.conf`: the last one of each counts. */
export function parseSearchDomains(text: string): SearchDomains {
  let search: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'search') search = values;
    if (keyword === 'domain') search = values.slice(0, 1);
    const option = keyword === 'options' ? values.findLast((value) => /^ndots:\d+$/.test(value)) : undefined;
    // resolv.conf(5) caps the value at this.
    if (option !== undefined) ndots = Math.min(15, Number(option.slice('ndots:'.length)));
  }
  return { search: search.map((domain) => domain.replace(/^\.|\.$/g, '')).filter((domain) => domain !== ''), ndots };
}

/** Returns the possible full names of a host name, in the order in which they are tried. */
export function candidateNames(hostname: string, { search, ndots }: SearchDomains): readonly string[] {
  if (hostname.endsWith('.')) return [hostname.slice(0, -1)];
  const completed = search.map((domain) => `${hostname}.${domain}`);
  const dots = hostname.split('.').length - 1;
  return dots >= ndots ? [hostname, ...completed] : [...completed, hostname];
}
