/** Who is signed in. Everything below SessionProvider that asks useUser() may rely on a person being there. */
import { useQuery } from '@tanstack/react-query'
import { createContext, useCallback, useContext, useEffect, useMemo, type ReactNode } from 'react'
import * as api from '@/api/endpoints'
import { setCsrfToken, setUnauthorizedListener } from '@/api/http'
import { ApiError } from '@/api/problem'
import type { Session, User } from '@/api/types'
import { queryClient } from './query_client'

interface SessionValue {
  readonly state: 'loading' | 'signed_out' | 'signed_in' | 'failed'
  readonly user: User | null
  readonly error: unknown
  readonly retry: () => void
  readonly signIn: (username: string, password: string) => Promise<void>
  readonly signOut: () => Promise<void>
  readonly changePassword: (current: string, next: string) => Promise<void>
}

const SessionContext = createContext<SessionValue | null>(null)
const sessionKey = ['session']

/**
 * Whether someone signed in with this browser. The cookie that counts is out of a script's sight; a browser that never had one need not
 * ask, and be refused, before it shows the sign-in page.
 */
const markKey = 'loa.signed_in'

async function look(signal: AbortSignal): Promise<Session | null> {
  if (localStorage.getItem(markKey) === null) return null
  try {
    const session = await api.readSession(signal)
    setCsrfToken(session.csrf_token)
    return session
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 401) {
      localStorage.removeItem(markKey)
      return null
    }
    throw error
  }
}

function adopt(session: Session): void {
  localStorage.setItem(markKey, 'yes')
  setCsrfToken(session.csrf_token)
  queryClient.setQueryData(sessionKey, session)
}

function forget(): void {
  localStorage.removeItem(markKey)
  setCsrfToken('')
  queryClient.setQueryData(sessionKey, null)
  // The next person at this desk sees nothing of the last one.
  queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
}

export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const query = useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => look(signal),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  })

  useEffect(() => {
    setUnauthorizedListener(forget)
  }, [])

  const signIn = useCallback(async (username: string, password: string) => {
    adopt(await api.signIn(username, password))
  }, [])

  const changePassword = useCallback(async (current: string, next: string) => {
    adopt(await api.changePassword(current, next))
  }, [])

  const signOut = useCallback(async () => {
    try {
      await api.signOut()
    } finally {
      forget()
    }
  }, [])

  const { data, error, isPending, refetch } = query
  const value = useMemo<SessionValue>(() => {
    const state = isPending
      ? 'loading'
      : data != null
        ? 'signed_in'
        : error === null
          ? 'signed_out'
          : 'failed'
    return {
      state,
      user: data?.user ?? null,
      error,
      retry: () => void refetch(),
      signIn,
      signOut,
      changePassword,
    }
  }, [data, error, isPending, refetch, signIn, signOut, changePassword])

  return <SessionContext.Provider value={value}>{children}</SessionContext.Provider>
}

export function useSession(): SessionValue {
  const value = useContext(SessionContext)
  if (value === null) throw new Error('useSession needs a SessionProvider')
  return value
}

export function useUser(): User {
  const { user } = useSession()
  if (user === null) throw new Error('useUser needs someone signed in')
  return user
}
