/** What is told of a session's departure and energy, by how much it can be trusted. */

export const stated = (session) => ({
  trust: 'guessed',
  leaveS: session.statedLeaveS,
  energyKwh: session.statedKwh,
})

export const truth = (session) => ({
  trust: 'known',
  leaveS: session.leaveS,
  energyKwh: session.energyKwh,
})
