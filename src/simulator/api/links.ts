/** A link in a response. LaunchDarkly's links are relative to the host. */
export interface Link {
  readonly href: string;
  readonly type: string;
}

/** @param segments path segments, not yet encoded */
export function link(...segments: readonly string[]): Link {
  return { href: apiPath(...segments), type: 'application/json' };
}

export function apiPath(...segments: readonly string[]): string {
  return `/api/v2/${segments.map(encodeURIComponent).join('/')}`;
}

/**
 * The links of one page of a list: `self`, and those of `first`, `prev`, `next` and `last` that exist.
 * @param query the request's parameters, which every link repeats
 */
export function pageLinks(
  path: string,
  query: URLSearchParams,
  { limit, offset, total }: { readonly limit: number; readonly offset: number; readonly total: number },
): Record<string, Link> {
  const at = (start: number): Link => {
    const parameters = new URLSearchParams(query);
    parameters.set('limit', String(limit));
    parameters.set('offset', String(start));
    return { href: `${path}?${parameters.toString()}`, type: 'application/json' };
  };
  const links: Record<string, Link> = { self: at(offset) };
  if (offset > 0) {
    links['first'] = at(0);
    links['prev'] = at(Math.max(0, offset - limit));
  }
  if (offset + limit < total) {
    links['next'] = at(offset + limit);
    links['last'] = at(Math.floor((total - 1) / limit) * limit);
  }
  return links;
}
