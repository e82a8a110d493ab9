/** The requests about views, links and provenance. */

import { api, data } from "../api/client";
import type { CircuitLink, Fork, Link, MadeLink, NewLink, NewView, Provenance, Shared, View } from "./types";

const MOST = 100;

/** The user's own views of a circuit, the newest first. */
export async function ownViews(circuit: string): Promise<readonly View[]> {
  const query = { circuit, mine: true, limit: MOST };
  return (await data(api.GET("/api/v1/views", { params: { query } }))).items;
}

export function keepView(view: NewView): Promise<View> {
  return data(api.POST("/api/v1/views", { body: view }));
}

export function changeView(id: string, body: { name?: string; description?: string }): Promise<View> {
  return data(api.PATCH("/api/v1/views/{id}", { ...of(id), body }));
}

export async function removeView(id: string): Promise<void> {
  await data(api.DELETE("/api/v1/views/{id}", of(id)));
}

/** Copies a view for the user; `changed` is the state if the user has changed it. */
export function forkView(id: string, changed: Omit<Fork, "name" | "version"> = {}): Promise<View> {
  return data(api.POST("/api/v1/views/{id}/fork", { ...of(id), body: changed }));
}

/** `picture` is WebP or PNG. */
export async function putPicture(id: string, picture: Blob): Promise<void> {
  const headers = { "Content-Type": picture.type };
  // The body is bytes, although the OpenAPI document declares a string.
  const body = picture as unknown as string;
  const bodySerializer = () => picture;
  await data(api.PUT("/api/v1/views/{id}/picture", { ...of(id), body, bodySerializer, headers }));
}

export function provenanceOf(id: string): Promise<Provenance> {
  return data(api.GET("/api/v1/views/{id}/provenance", of(id)));
}

export async function linksOf(id: string): Promise<readonly Link[]> {
  const params = { path: { id }, query: { limit: MOST } };
  return (await data(api.GET("/api/v1/views/{id}/links", { params }))).items;
}

export function makeLink(id: string, link: NewLink): Promise<MadeLink> {
  return data(api.POST("/api/v1/views/{id}/links", { ...of(id), body: link }));
}

export async function revokeLink(id: string, link: string): Promise<void> {
  await data(api.DELETE("/api/v1/views/{id}/links/{link}", { params: { path: { id, link } } }));
}

/** A page of all links to a circuit that the user may change. */
export function circuitLinks(
  id: string,
  cursor: string | null,
  signal: AbortSignal,
): Promise<{ items: readonly CircuitLink[]; next: string | null }> {
  const query = { limit: MOST, ...(cursor !== null && { cursor }) };
  return data(api.GET("/api/v1/circuits/{id}/links", { params: { path: { id }, query }, signal }));
}

export async function revokeCircuitLink(id: string, link: string): Promise<void> {
  await data(api.DELETE("/api/v1/circuits/{id}/links/{link}", { params: { path: { id, link } } }));
}

/** The view that a link shares. */
export function openShared(token: string): Promise<Shared> {
  return data(api.GET("/api/v1/shared/{token}", { params: { path: { token } } }));
}

const of = (id: string) => ({ params: { path: { id } } });
