import type { ComponentChildren } from 'preact';

/** Inline icons, always decorative: the words beside them carry the meaning. */
const Icon = ({ children }: { children: ComponentChildren }) => (
  <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false" fill="none"
    stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">{children}</svg>
);

export const Envelope = () => <Icon><path d="M2.5 5h15v10.5h-15z" /><path d="m3 5.5 7 5.5 7-5.5" /></Icon>;
export const EnvelopeOpen = () => <Icon><path d="M2.5 8.2 10 3l7.5 5.2v8.3h-15z" /><path d="m3 8.7 7 4.3 7-4.3" /></Icon>;
export const Building = () => <Icon><path d="M3 17h14M4.5 17V7.5L10 3.5l5.5 4V17M8 17v-4h4v4M7.5 9.5h.01M12.5 9.5h.01" /></Icon>;
export const Home = () => <Icon><path d="M3 9.5 10 3.5l7 6M5 8.5V16.5h10V8.5M8.5 16.5v-4h3v4" /></Icon>;
export const Chart = () => <Icon><path d="M3 17h14M5.5 14v-4M10 14V5M14.5 14V8" /></Icon>;
export const Search = () => <Icon><circle cx="8.8" cy="8.8" r="5" /><path d="m12.6 12.6 4 4" /></Icon>;
export const Sliders = () => <Icon><path d="M3 6h8M15 6h2M3 14h2M9 14h8" /><circle cx="13" cy="6" r="2" /><circle cx="7" cy="14" r="2" /></Icon>;
export const Download = () => <Icon><path d="M10 3v9.5M6 9l4 4 4-4M3.5 16.5h13" /></Icon>;
export const Archive = () => <Icon><path d="M3 4h14v3.5H3zM4.2 7.5v8.5h11.6V7.5M8 10.5h4" /></Icon>;
export const ArrowLeft = () => <Icon><path d="M16.5 10h-13M8.5 5l-5 5 5 5" /></Icon>;
export const ArrowRight = () => <Icon><path d="M3.5 10h13M11.5 5l5 5-5 5" /></Icon>;
export const ChevronLeft = () => <Icon><path d="m12 4.5-5.5 5.5 5.5 5.5" /></Icon>;
export const ChevronRight = () => <Icon><path d="m8 4.5 5.5 5.5L8 15.5" /></Icon>;
export const ChevronDown = () => <Icon><path d="m4.5 8 5.5 5.5L15.5 8" /></Icon>;
export const Check = () => <Icon><path d="m4 10.5 4 4 8-9" /></Icon>;
export const Cross = () => <Icon><path d="m5 5 10 10M15 5 5 15" /></Icon>;
export const Warning = () => <Icon><path d="M10 3.2 18 16.5H2zM10 8v4M10 14.3h.01" /></Icon>;
export const Info = () => <Icon><circle cx="10" cy="10" r="7" /><path d="M10 9.2v4.3M10 6.6h.01" /></Icon>;
export const Eye = () => <Icon><path d="M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5z" /><circle cx="10" cy="10" r="2.3" /></Icon>;
export const EyeOff = () => <Icon><path d="M3.5 3.5l13 13M8 5.3A8 8 0 0 1 10 5c5 0 8 5 8 5a14 14 0 0 1-2.3 2.8M5 6.7A13 13 0 0 0 2 10s3 5 8 5c1.2 0 2.3-.3 3.2-.7" /></Icon>;
export const SignOut = () => <Icon><path d="M12 4H4v12h8M8.5 10h8.5M14 7l3 3-3 3" /></Icon>;
export const Swap = () => <Icon><path d="M4 7h12M12.5 3.5 16 7l-3.5 3.5M16 13H4M7.5 9.5 4 13l3.5 3.5" /></Icon>;
export const Clock = () => <Icon><circle cx="10" cy="10" r="7" /><path d="M10 6v4.2l2.8 1.8" /></Icon>;
export const People = () => <Icon><circle cx="7.5" cy="7" r="2.8" /><path d="M2.5 16c.4-3 2.3-4.5 5-4.5s4.6 1.5 5 4.5M13 4.5a2.8 2.8 0 0 1 0 5.2M14.5 11.8c1.8.5 2.8 1.9 3 4.2" /></Icon>;
export const NewTab = () => <Icon><path d="M8 4H4v12h12v-4M11.5 3.5h5v5M16 4l-7 7" /></Icon>;

/** The administrator's badge: a white letter a on a blue disc. */
export const AdministratorBadge = ({ label }: { label: string }) => (
  <span class="administrator-badge" role="img" aria-label={label}>a</span>
);
