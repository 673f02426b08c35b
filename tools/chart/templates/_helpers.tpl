{{- define "saker.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- /* Of what is in no namespace: two releases of one name do not share it. */}}
{{- define "saker.clusterName" -}}
{{ include "saker.name" . }}-{{ .Release.Namespace }}
{{- end }}

{{- define "saker.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "saker.labels" -}}
{{ include "saker.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "saker.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- /* Whether the sensor asks the API server anything; empty: no. */}}
{{- define "saker.asksServer" -}}
{{- if or .Values.policyReports.enabled .Values.kubernetes.enabled }}yes{{ end }}
{{- end }}

{{- define "saker.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (ternary (include "saker.name" .) "default" .Values.serviceAccount.create) }}
{{- end }}
