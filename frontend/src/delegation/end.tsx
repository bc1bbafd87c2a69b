import type { Side } from './delegation.tsx';
import { ReasonDialog } from './reason.tsx';
import { texts } from './texts.ts';

const words = texts.one;

interface EndDialogProps { other: string; side: Side; reason: string; onReason: (reason: string) => void; onEnd: (reason: string) => void; onClose: () => void }

/** Asks before a delegation is ended, at once, by either party (R-DEL-04). */
export function EndDialog({ other, side, onEnd, ...asked }: EndDialogProps) {
  return <ReasonDialog title={words.endAsk(other)} what={(side === 'asked' ? words.endWhat.theirs : words.endWhat.mine)(other)} action={words.end} missing={words.reasonMissing} onConfirm={onEnd} {...asked} />;
}
