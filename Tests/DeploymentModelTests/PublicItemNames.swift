/// Every item of the provisioning interface of which the name is public, as it stands on the wire.
///
/// Written from what is known of the interface, not from the catalogue: it is what the catalogue is held against.
enum PublicItemNames {
    /// In the order of the sources; `[]` marks items with instances.
    static let all: [(name: String, isRepeated: Bool)] =
        text.split(whereSeparator: \.isWhitespace).map { word in
            word.hasSuffix("[]") ? (String(word.dropLast(2)), true) : (String(word), false)
        }

    private static let text = """
        e164 mac-addr ipaddress device-type software-type software-version related-device-type
        related-software-type related-software-version gigabit-ethernet-enabled contact-me-uri part-number
        configuration-changed-flag sip-mobility-state basic-e164 bootstrapping-tan cloud-pin-value key-modules
        blf-modules slk-modules km15-modules backlight-type fault-report-slog-entry fault-time-slog-entry
        fault-report-ocsr-connect fault-tome-ocsr-connect fault-report-admin-pwd fault-time-admin-pwd
        fault-report-user-pwd fault-time-user-pwd slog-archive-me requested-items modified-items cleanup-reason
        send-solicited restart-type restart-password dls-contact-interval dls-mode-secure dls-secure-port
        dls-chunk-size goto-secure-mode secure-mode-data max-pin-retries dls-client-certificate dls-server-ca
        wbm-server-certificate wbm-server-certificate-info dhcp dhcp-reuse hostname e164-hostname default-domain
        ipv6-dhcp-enabled ipv6-dhcp-addr-reuse vlan-method vlan-id qos-layer2 l2qos-voice l2qos-signalling
        l2qos-default qos-layer3 l3qos-voice l3qos-signalling port1 port2 port2-mode port2-auto-mdix-enabled
        sntp-addr sntp-addr-backup sntp-tz-offset daylight-save auto-daylight-save daylight-save-minutes
        daylight-save-zone-id time time-format date-format sip-user-id sip-pwd sip-name register-by-name realm
        reg-addr reg-port registrar-addr registrar-port sgnl-gateway-addr sgnl-gateway-addr-user
        sgnl-gateway-port sgnl-gateway-port-user sgnl-route outbound-proxy outbound-proxy-user sip-transport
        sip-transport-user phone-port server-type reg-ttl session-timer session-duration transaction-timer
        transaction-timer-f registration-backoff-timer sip-keepalive-method sip-tls-authentication-policy
        backup-addr backup-registration mwi-e164 emergency-e164 voice-mail-e164 conference-factory-uri
        pickup-group-uri park-server reg-id reg-number fully-qualified-phone-no MLPP-base MLPP-domain-type
        uaCSTA-enabled international-mobility-id rtp-base-port voip-payload-security-allowed
        srtp-key-negotiation-method secure-call-payload-options secure-call-alert sip-payload-security-alert
        voip-connectivity-check-interval voip-server-validation display-id display-id-unicode use-display-id
        system-name system-name-unicode system-description ng911-location-ca ng911-location-source
        snmp-queries-allowed snmp-pwd snmp-trap-addr snmp-trap-port snmp-trap-pwd snmp-traps-active
        diagnostic-trap-addr diagnostic-trap-port diagnostic-trap-pwd diagnostic-traps-active
        diagnostic-snmp-active qdc-collection-unit-addr qdc-collection-unit-port qdc-trap-pwd qdc-snmp-active
        qdc-qcu-active trace-level[] enable-test-interface admin-pwd admin-pwd-unicode user-pwd user-pwd-unicode
        min-admin-passw-length min-user-passw-length passw-char-set default-passw-policy phone-lock-active
        enable-WBM ssh-enable ssh-password ssh-timer-connect ssh-timer-session default-locked-config-menus
        locked-config-menus[] default-locked-local-function-menus locked-local-function-menus[]
        default-locked-function-keys locked-function-keys[] feature-availability[]
        local-control-feature-availability unauthorised-trap unauthorised-trap-delay enable-PC-apps-interface
        enable-phone-manager enable-bluetooth-interface usb-access-enabled usb-backup-enabled
        directory-guard-required directory-guard-timeout codec-type[] codec-allowed[] codec-rank[]
        codec-packet-size[] audio-silence-suppression disable-microphone loudspeech-enabled
        loudspeaker-function-mode socketed-headset-mode ringer-melody ringer-tone-sequence ringer-audio-file
        alert[] key-click-volume click-keys beep-on-error moh-enabled voice-message-dial-tone auto-answer
        beep-on-auto-answer auto-reconnect beep-on-auto-reconnect permit-decline-call refuse-call
        transfer-on-ring transfer-on-ring-enabled call-transfer-enabled unconditional-transfer
        join-allowed-in-conference call-join-enabled user-conference-enabled call-waiting-enabled
        call-deflection-enabled deflect-destination call-dnd-enabled call-holdringback-enabled
        holdringback-timer hold-and-hang-up busy-when-dialling-enabled hot-line-warm-line
        hot-line-warm-line-digits initial-digit-timer autodialtimer hot-keypad-dialing callback-busy-allow
        callback-busy-enabled callback-busy-code callback-ring-allow callback-ring-enabled callback-ring-code
        callback-cancel-allow callback-cancel-code call-pickup-allowed group-pickup-tone-allowed
        group-pickup-as-ringer group-pickup-alert-type cfu-activated cfb-activated cfnr-activated cfnr-delay
        lock-forwarding forwarding-notification-audible forwarding-notification-visual forwarding-party-display
        server-based-features server-based-forwarding server-based-dnd call-log-enabled missed-logging
        missed-call-led delete-missed-when-called idle-missed-calls MWI-new-show MWI-new-urgent-show
        MWI-old-show MWI-old-urgent-show call-record-auto-start call-record-all-calls
        call-record-audible-indication call-record-audible-indication-continuous implicit-call-association
        IL-alert-notification-enabled count-medium-priority timer-medium-priority timer-high-priority
        video-allowed video-on enable-resource-sharing function-key-def[] key-label[] key-label-unicode[]
        select-dial[] repertory-dial[] forwarding-type forwarding-dest key-deflect-destination[]
        stimulus-DTMF-sequence[] stimulus-feature-code[] stimulus-led-control-uri[] blf-audible[] blf-popup[]
        blf-code blf-tone-type FPK-app-name[] fpk-long-press-timer line-short-desc[] line-short-desc-unicode[]
        line-primary[] line-sip-uri[] line-sip-realm[] line-sip-user-id[] line-sip-pwd[] line-shared-type[]
        line-hidden[] line-hunt-sequence[] line-ring-delay[] line-hot-line-warm-line[] line-hld[]
        line-hld-active[] line-int-allow[] line-mlo-pos[] originating-line-preference
        terminating-line-preference line-key-operating-mode line-rollover-type line-rollover-volume
        line-registration-leds line-button-mode line-preselection-timer preview-timer preview-mode-locked
        keyset-use-focus keyset-remote-forward-ind keyset-reservation-timer bridging-enabled
        bridging-overrides-preview dss-sip-detect-timer dss-sip-deflect dss-sip-refuse dss-forwarding-indication
        dial-plan-enabled Canonical-dialing-international-prefix Canonical-dialing-local-country-code
        Canonical-dialing-national-prefix Canonical-dialing-local-area-code Canonical-dialing-local-node
        Canonical-dialing-external-access Canonical-dialing-operator-code Canonical-dialing-emergency-number
        Canonical-dialing-dial-needs-access-code Canonical-dialing-dial-needs-intGWcode
        Canonical-dialing-min-local-number-length Canonical-dialing-extension-initial-digits
        Canonical-dialing-dial-internal-form Canonical-dialing-dial-external-form Canonical-lookup-local-code[]
        Canonical-lookup-international-code[] pb-lookups-allowed ldap-server-address ldap-server-port
        ldap-transport ldap-authentication ldap-user ldap-pwd ldap-max-responses ldap-search-trigger-timeout
        country-iso language-iso country language display-skin display-brightness screensaver-enabled
        screensaver-image-timeout pixelsaver-timeout pixelsaver-timeout-xt inactivity-timeout not-used-timeout
        context-menu-auto-show context-menu-auto-hide-time default-profile wap-xcon-type
        user-midlet-download-allowed enable-untrusted-midlets force-update mobility-enabled
        mobility-password-on-logoff userdata-vu1 userdata-call-log userdata-ring-tone userdata-phonebook
        userdata-call-group userdata-voice-record userdata-picture userdata-ring-tone-mp3 userdata-screensaver
        userdata-ldap XML-app-name[] XML-app-display-name[] XML-app-program-name[] XML-app-server-addr[]
        XML-app-server-port[] XML-app-transport[] XML-app-special-instance[] XML-app-action[]
        XML-app-proxy-enabled[] XML-app-remote-debug[] XML-app-debug-prog-name[] XML-app-num-tabs[]
        XML-app-restart[] XML-app-enabled[] XML-app-tab1-name[] XML-app-tab2-name[] XML-app-tab3-name[]
        XML-app-tab1-display-name[] XML-app-tab2-display-name[] XML-app-tab3-display-name[] file-server
        file-port file-path file-username file-pwd file-https-base-url file-name[] file-type[] file-action[]
        file-priority file-sw-type file-sw-version file-deployment-status file-deployment-date
        file-deployment-time file-deployment-name file-deployment-type
        """
}
