import { sameOriginPath } from '../address.ts';
import { withTime } from '../dates.ts';
import { graphql, type ResultOf } from '../graphql.ts';
import { Download } from '../ui/icons.tsx';
import { texts } from './texts.ts';

export const ReceiptFields = graphql(`
  fragment ReceiptFields on TermsAcceptance @_unmask {
    acceptedAt receiptUrl
    terms { id version }
    user { id firstName lastName }
    establishment { id name }
  }
`);
export type Receipt = ResultOf<typeof ReceiptFields>;

const words = texts.history;

/** The way to the PDF that proves an acceptance. */
export function ReceiptLink({ receipt: { receiptUrl, establishment, terms } }: { receipt: Receipt }) {
  return (
    <a class="button" href={sameOriginPath(receiptUrl)} download="" aria-label={words.downloadLabel(establishment.name, terms.version)}>
      <Download /> {words.download}
    </a>
  );
}

/** Who accepted for each establishment, when, and the receipt. */
export function Receipts({ receipts }: { receipts: readonly Receipt[] }) {
  return (
    <ul class="receipts">
      {receipts.map((receipt) => (
        <li key={receipt.receiptUrl}>
          <span><strong>{receipt.establishment.name}</strong><span class="line soft">{receipt.user.firstName} {receipt.user.lastName}, {withTime(receipt.acceptedAt)}</span></span>
          <ReceiptLink receipt={receipt} />
        </li>
      ))}
    </ul>
  );
}
