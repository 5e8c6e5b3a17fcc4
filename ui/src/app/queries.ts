/** What pages ask for, with how long it stays fresh. One key a topic, so that a change invalidates by its first word. */
import { useQueries, useQuery } from '@tanstack/react-query'
import * as api from '@/api/endpoints'
import type { PreviewRequest } from '@/api/types'
import { isUnderWay } from '@/pages/orders/standing'
import { queryClient } from './query_client'

const minute = 60_000

export const useUnits = () =>
  useQuery({ queryKey: ['units'], queryFn: ({ signal }) => api.listUnits(signal), staleTime: 5 * minute })

export const useTopics = () =>
  useQuery({ queryKey: ['topics'], queryFn: ({ signal }) => api.listTopics(signal), staleTime: 30 * minute })

export const useStations = () =>
  useQuery({
    queryKey: ['stations'],
    queryFn: ({ signal }) => api.listStations(signal),
    refetchInterval: 15_000,
  })

export const useAgents = () =>
  useQuery({ queryKey: ['agents'], queryFn: ({ signal }) => api.listAgents(signal), refetchInterval: 15_000 })

export const useItems = (status: string, text: string) =>
  useQuery({
    queryKey: ['items', status, text],
    queryFn: ({ signal }) => api.listItems(status, text, signal),
    placeholderData: (previous) => previous,
    // While audio is being read the list changes without anyone's doing.
    refetchInterval: (query) =>
      query.state.data?.some((item) => item.status === 'processing') === true ? 2_000 : 30_000,
  })

export const useItem = (itemId: string) =>
  useQuery({
    queryKey: ['item', itemId],
    queryFn: ({ signal }) => api.readItem(itemId, signal),
    refetchInterval: (query) => (query.state.data?.status === 'processing' ? 1_000 : false),
  })

export const useSchedule = (stationId: string | undefined, from: string, to: string) =>
  useQuery({
    queryKey: ['schedule', stationId, from, to],
    queryFn: ({ signal }) => api.readSchedule(stationId ?? '', from, to, signal),
    enabled: stationId !== undefined,
    placeholderData: (previous, query) => (query?.queryKey[1] === stationId ? previous : undefined),
    refetchInterval: 15_000,
  })

export const useBoard = (month: string, months: number) =>
  useQuery({
    queryKey: ['board', month, months],
    queryFn: ({ signal }) => api.readBoard(month, months, signal),
    placeholderData: (previous) => previous,
    refetchInterval: 15_000,
  })

export const useEvidence = (stationId: string, month: string) =>
  useQuery({
    queryKey: ['evidence', stationId, month],
    queryFn: ({ signal }) => api.readEvidence(stationId, month, signal),
    refetchInterval: 15_000,
  })

export const useObligations = () =>
  useQuery({
    queryKey: ['obligations'],
    queryFn: ({ signal }) => api.listObligations(signal),
    staleTime: minute,
  })

export const useUsers = () =>
  useQuery({ queryKey: ['users'], queryFn: ({ signal }) => api.listUsers(signal) })

export const useAudit = (limit: number) =>
  useQuery({ queryKey: ['audit', limit], queryFn: ({ signal }) => api.listAudit(limit, signal) })

export const useSessionRules = (stationId: string) =>
  useQuery({
    queryKey: ['rules', stationId],
    queryFn: ({ signal }) => api.listSessionRules(stationId, signal),
  })

export const usePolicies = (unitId: string) =>
  useQuery({ queryKey: ['policies', unitId], queryFn: ({ signal }) => api.listPolicies(unitId, signal) })

export const useRelays = (unitId: string) =>
  useQuery({ queryKey: ['relays', unitId], queryFn: ({ signal }) => api.listRelays(unitId, signal) })

export const useTemplates = (unitId: string | undefined) =>
  useQuery({
    queryKey: ['templates', unitId],
    queryFn: ({ signal }) => api.listTemplates(unitId ?? '', signal),
    enabled: unitId !== undefined,
  })

export const usePresets = () =>
  useQuery({ queryKey: ['presets'], queryFn: ({ signal }) => api.listPresets(signal), staleTime: 5 * minute })

export const useRefusals = (stationId: string, from: string, to: string) =>
  useQuery({
    queryKey: ['schedule', stationId, 'refusals', from, to],
    queryFn: ({ signal }) => api.listRefusals(stationId, from, to, signal),
    placeholderData: (previous, query) => (query?.queryKey[1] === stationId ? previous : undefined),
    refetchInterval: minute,
  })

export const useSpecialCalendars = (unitId: string) =>
  useQuery({
    queryKey: ['special-days', unitId],
    queryFn: ({ signal }) => api.listSpecialCalendars(unitId, signal),
  })

export const useSpecialDays = (unitId: string, from: string, to: string) =>
  useQuery({
    queryKey: ['special-days', unitId, from, to],
    queryFn: ({ signal }) => api.listSpecialDays(unitId, from, to, signal),
  })

export const useDifference = (stationId: string) =>
  useQuery({
    queryKey: ['schedule', stationId, 'difference'],
    queryFn: ({ signal }) => api.readDifference(stationId, signal),
    refetchInterval: 15_000,
  })

/** Asked anew each time that somebody wants to know, until the change is being made: what has been done cannot be done once more. */
export const usePreview = (asked: PreviewRequest, isMade: boolean) =>
  useQuery({
    queryKey: ['schedule', 'preview', JSON.stringify(asked)],
    queryFn: ({ signal }) => api.previewPlan(asked, signal),
    enabled: !isMade,
    staleTime: 0,
    gcTime: 0,
  })

const forecastOf = (stationId: string, month: string) => ({
  queryKey: ['schedule', stationId, 'forecast', month],
  queryFn: ({ signal }: { signal: AbortSignal }) => api.readForecast(stationId, month, signal),
  refetchInterval: 30_000,
})

export const useForecast = (stationId: string, month: string) =>
  useQuery({
    ...forecastOf(stationId, month),
    placeholderData: (previous, query) => (query?.queryKey[1] === stationId ? previous : undefined),
  })

/** Of several months, as far as they have been answered. */
export const useForecasts = (stationId: string, months: readonly string[]) =>
  useQueries({
    queries: months.map((month) => forecastOf(stationId, month)),
    combine: (answers) => answers.flatMap(({ data }) => data?.items ?? []),
  })

export const useEdits = (stationId: string) =>
  useQuery({
    queryKey: ['schedule', stationId, 'edits'],
    queryFn: ({ signal }) => api.listEdits(stationId, signal),
    refetchInterval: 30_000,
  })

/** While something is under way, it changes by the second. */
export const useOrders = () =>
  useQuery({
    queryKey: ['orders'],
    queryFn: ({ signal }) => api.listOrders(signal),
    refetchInterval: (query) => (query.state.data?.some(isUnderWay) === true ? 2_000 : 15_000),
  })

export const useOrder = (orderId: string | undefined) =>
  useQuery({
    queryKey: ['orders', orderId],
    queryFn: ({ signal }) => api.readOrder(orderId ?? '', signal),
    enabled: orderId !== undefined,
    refetchInterval: (query) =>
      query.state.data === undefined || isUnderWay(query.state.data) ? 1_000 : 15_000,
  })

export async function ordersChanged(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ['orders'] })
}

/** Everything that is told of a station's plan. */
export async function planChanged(stationId: string): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['schedule', stationId] }),
    queryClient.invalidateQueries({ queryKey: ['board'] }),
  ])
}

/** Units or stations changed, and with them what hangs on them. */
export async function organisationChanged(): Promise<void> {
  await Promise.all(
    ['units', 'stations', 'policies', 'board', 'agents'].map((topic) =>
      queryClient.invalidateQueries({ queryKey: [topic] }),
    ),
  )
}

/** After a rule or policy: sessions come and go. */
export async function hoursChanged(): Promise<void> {
  await Promise.all(
    ['rules', 'policies', 'templates', 'relays', 'special-days', 'schedule', 'stations', 'board'].map(
      (topic) => queryClient.invalidateQueries({ queryKey: [topic] }),
    ),
  )
}

/** After an item changed: its page, the lists, and what the planner makes of it. */
export async function itemChanged(itemId: string): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['item', itemId] }),
    queryClient.invalidateQueries({ queryKey: ['items'] }),
    queryClient.invalidateQueries({ queryKey: ['schedule'] }),
    queryClient.invalidateQueries({ queryKey: ['board'] }),
  ])
}
