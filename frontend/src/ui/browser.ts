/** « Firefox sur Windows », of what a browser says of itself; what it says where it is none we know. */
export function browserOf(userAgent: string): string {
  const first = (patterns: [string, RegExp][]) => patterns.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const browser = first([['Edge', /Edg\//], ['Opera', /OPR\//], ['Firefox', /Firefox\//], ['Chrome', /Chrom(e|ium)\//], ['Safari', /Safari\//]]);
  const system = first([['Android', /Android/], ['iPhone ou iPad', /iPhone|iPad/], ['Windows', /Windows/], ['macOS', /Mac OS/], ['Linux', /Linux/]]);
  return browser ? browser + (system ? ` sur ${system}` : '') : userAgent;
}
