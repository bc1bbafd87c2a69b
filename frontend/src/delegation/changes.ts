import { graphql } from '../graphql.ts';

export const RequestDelegations = graphql(`
  mutation RequestDelegations($input: RequestDelegationsInput!) {
    requestDelegations(input: $input) {
      results { siret name warnings errors { code message } delegation { id } }
      errors { code message path }
    }
  }
`);

export const RemindDelegations = graphql(`
  mutation RemindDelegations($input: DelegationsInput!) {
    remindDelegations(input: $input) { results { id errors { message path } } errors { code message path } }
  }
`);

export const WithdrawDelegations = graphql(`
  mutation WithdrawDelegations($input: DelegationsInput!) {
    withdrawDelegations(input: $input) { results { id errors { message path } } errors { code message path } }
  }
`);

export const EndDelegation = graphql(`
  mutation EndDelegation($input: EndDelegationInput!) { endDelegation(input: $input) { errors { code message path } } }
`);

export const SetDelegationMembers = graphql(`
  mutation SetDelegationMembers($input: SetDelegationMembersInput!) {
    setDelegationMembers(input: $input) { results { id errors { message path } } errors { code message path } }
  }
`);

export const AcceptDelegation = graphql(`
  mutation AcceptDelegation($input: AcceptDelegationInput!) { acceptDelegation(input: $input) { errors { code message path } } }
`);

export const RefuseDelegation = graphql(`
  mutation RefuseDelegation($input: RefuseDelegationInput!) { refuseDelegation(input: $input) { errors { code message path } } }
`);

export const ExtendDelegation = graphql(`
  mutation ExtendDelegation($input: ExtendDelegationInput!) { extendDelegation(input: $input) { errors { code message path } } }
`);
