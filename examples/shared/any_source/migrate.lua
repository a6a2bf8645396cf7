---The rules over Slack. With scripts.mattermost instead it is the same migration of another chat.
return require "rules" (require "scripts.slack")
