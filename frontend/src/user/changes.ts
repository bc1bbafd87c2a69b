import { graphql } from '../graphql.ts';

export const CreateUser = graphql(`
  mutation CreateUser($input: CreateUserInput!) {
    createUser(input: $input) { identifier user { id } errors { code message path } }
  }
`);

export const UpdateUser = graphql(`
  mutation UpdateUser($input: UpdateUserInput!) { updateUser(input: $input) { user { id pendingEmail } errors { code message path } } }
`);

export const SetProfile = graphql(`
  mutation SetProfile($input: SetProfileInput!) { setProfile(input: $input) { errors { code message path } } }
`);

export const SetRights = graphql(`
  mutation SetRights($input: SetRightsInput!) {
    setRights(input: $input) { results { id errors { message path } } errors { code message path } }
  }
`);

export const ConfirmRights = graphql(`
  mutation ConfirmRights($input: ConfirmRightsInput!) {
    confirmRights(input: $input) { users { id rightsToReviewSince } results { id errors { message path } } errors { code message path } }
  }
`);

export const RenewUsers = graphql(`
  mutation RenewUsers($input: RenewUsersInput!) {
    renewUsers(input: $input) { users { id expiresOn } results { id errors { message path } } errors { code message path } }
  }
`);

export const DeleteUsers = graphql(`
  mutation DeleteUsers($input: DeleteUsersInput!) {
    deleteUsers(input: $input) { results { id errors { code message path } } errors { code message path } }
  }
`);

export const ResendInvitation = graphql(`
  mutation ResendInvitation($input: ResendInvitationInput!) { resendInvitation(input: $input) { errors { code message path } } }
`);

export const CancelInvitation = graphql(`
  mutation CancelInvitation($input: CancelInvitationInput!) { cancelInvitation(input: $input) { errors { code message path } } }
`);

export const ReopenUser = graphql(`
  mutation ReopenUser($input: ReopenUserInput!) { reopenUser(input: $input) { errors { code message path } } }
`);

export const CopyRights = graphql(`
  mutation CopyRights($input: CopyRightsInput!) {
    copyRights(input: $input) { results { id errors { message path } } errors { code message path } }
  }
`);

export const ImportUsers = graphql(`
  mutation ImportUsers($input: ImportUsersInput!) {
    importUsers(input: $input) {
      created unchanged rejected
      lines { line outcome firstName lastName email profile rights identifier user { id } errors { message } }
      errors { code message path }
    }
  }
`);

export const UnlockUser = graphql(`
  mutation UnlockUser($input: UnlockUserInput!) { unlockUser(input: $input) { errors { code message path } } }
`);

export const ResetSecondFactor = graphql(`
  mutation ResetSecondFactor($input: ResetSecondFactorInput!) { resetSecondFactor(input: $input) { errors { code message path } } }
`);

export { refusalsOf, type Payload } from '../ui/refusals.ts';
